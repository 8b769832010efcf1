/// What signs a request, so that a changed body would no longer be the one that was signed.
public enum SignatureSpec: Sendable, Hashable {
    /// A header holds the signature, and only the sender can make it. In lower case.
    case header(String)
    /// AWS Signature Version 4 for a service: `ses`.
    case sigv4(service: String)
    /// Vonage's signature in a form field or JSON member: `sig`.
    case vonage(field: String)
}
