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
