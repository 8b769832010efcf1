/// One error answer as a template.
public struct ErrorSpec: Sendable {
    /// How text from outside is made harmless inside the body.
    public enum Escape: String, Sendable, CaseIterable { case json, xml }

    /// HTTP status; ignored for refusals. 4xx, or 2xx where the provider answers for each recipient and ``each`` does.
    public var status: Int
    public var contentType: String
    /// The body, with `{{message}}`, `{{status}}`, `{{code}}`, `{{field}}`, `{{uuid}}`, `{{audit_id}}` and `{{each}}` to fill
    /// in.
    public var body: String
    /// Response headers beside Content-Type, in the order written.
    public var headers: [HeaderSpec] = []
    /// `nil`: as ``contentType`` says.
    public var escape: Escape?
    /// Repeated for each blocked recipient at `{{each}}` in ``body``, commas between; may hold `{{recipient}}` besides.
    public var each: String?

    public init(status: Int, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
