/// The provider's dialect for errors, as the adapter's file describes it.
public struct ErrorsSpec: Sendable {
    /// The answer to a request whose every recipient is blocked.
    public var suppressed: ErrorSpec
    /// The answer to a request Stopgate refuses. Its status comes from the cause.
    public var refused: ErrorSpec
    /// The provider's own error number for a cause, by ``Refusal/label``; `default` for the rest. Fills `{{code}}`.
    public var codes: [String: String]

    public init(suppressed: ErrorSpec, refused: ErrorSpec, codes: [String: String] = [:]) {
        self.suppressed = suppressed
        self.refused = refused
        self.codes = codes
    }
}

/// One error answer as a template.
public struct ErrorSpec: Sendable {
    /// HTTP status; ignored for refusals.
    public var status: Int
    public var contentType: String
    /// The body, with `{{message}}`, `{{status}}`, `{{code}}` and `{{field}}` to fill in.
    public var body: String

    public init(status: Int, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
