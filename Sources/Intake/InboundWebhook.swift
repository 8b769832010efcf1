public import Ledger

/// An inbound webhook as the engine received it, before anything in it is believed.
public struct InboundWebhook: Sendable {
    /// The URL as the provider has it configured: public scheme and host, and path and query exactly as received.
    public var url: String
    public var body: [UInt8]
    /// The value of `Content-Type`, if there was one.
    public var contentType: String?
    /// The value of `X-Twilio-Signature`; `nil` also when it came more than once.
    public var signature: String?
    /// The value of `X-Twilio-Webhooks-Signature-Settings`.
    public var signatureSettings: String?
    public var receivedAt: Timestamp
    public var remoteAddress: String?

    public init(
        url: String, body: [UInt8], contentType: String?, signature: String?, signatureSettings: String? = nil,
        receivedAt: Timestamp, remoteAddress: String? = nil
    ) {
        self.url = url
        self.body = body
        self.contentType = contentType
        self.signature = signature
        self.signatureSettings = signatureSettings
        self.receivedAt = receivedAt
        self.remoteAddress = remoteAddress
    }
}
