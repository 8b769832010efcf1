/// An answer that has one result for each item of a list in the request: those taken out get one of ours at their index.
public struct ResultsSpec: Sendable {
    /// The list in the request whose items were taken out: `[*]`, `messages[*]`.
    public var of: String
    /// The list in the provider's JSON answer that lines up with it.
    public var at: String
    /// The result of an item that was taken out, a template such as ``ErrorSpec/body`` with `{{recipient}}`.
    public var blocked: String
    /// The HTTP status of answers that have results; `nil` for every 2xx.
    public var status: Int?

    public init(of: String, at: String, blocked: String, status: Int? = nil) {
        self.of = of
        self.at = at
        self.blocked = blocked
        self.status = status
    }
}
