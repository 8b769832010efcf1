import Recipients

/// What can be fuzzed: one case for each kind of bytes that strangers control. The raw value names the folder under Corpus and
/// Crashes.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case http1Request = "http1-request"
    case http1Response = "http1-response"
    case http2Server = "http2-server"
    case http2Client = "http2-client"
    case hpack
    case gzip
    case sendgrid, twilio, strip
    case route
    case contentType = "content-type"
    case email, phone
    case addressList = "address-list"
    case multipart, mime, nested
    case policy
    case auditRead = "audit-read"
    case auditRecovery = "audit-recovery"

    /// Gives `input` to the code under test and checks what must hold whatever the bytes are.
    /// - Throws: ``Violation``. A trap or a report of AddressSanitizer ends the process.
    public func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        switch self {
        case .http1Request: try HTTP1RequestHarness.run(input)
        case .http1Response: try HTTP1ResponseHarness.run(input)
        case .http2Server: try HTTP2ServerHarness.run(input)
        case .http2Client: try HTTP2ClientHarness.run(input)
        case .hpack: try HPACKHarness.run(input)
        case .gzip: try GzipHarness.run(input)
        case .sendgrid: try SendGridHarness.run(input)
        case .twilio: try TwilioHarness.run(input)
        case .strip: try StripHarness.run(input)
        case .route: try RouteHarness.run(input)
        case .contentType: try ContentTypeHarness.run(input)
        case .email: try IdentifierHarness.run(input, kind: .email)
        case .phone: try IdentifierHarness.run(input, kind: .phone)
        case .addressList: try AddressListHarness.run(input)
        case .multipart: try MultipartHarness.run(input)
        case .mime: try MIMEHarness.run(input)
        case .nested: try NestedHarness.run(input)
        case .policy: try PolicyHarness.run(input)
        case .auditRead: try AuditHarness.read(input)
        case .auditRecovery: try AuditHarness.recover(input)
        }
    }
}
