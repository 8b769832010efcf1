/// Calls that undo an opt-out at the provider: its own suppressions are a second net, and senders have no business cutting it.
public struct UndoSpec: Sendable {
    /// `reject` answers with ``Refusal/undoForbidden``; `allow` lets the call pass unread.
    public var policy: OpaquePolicy
    /// Looked at before `pass` and before reads pass.
    public var calls: [PassSpec]

    public init(policy: OpaquePolicy = .reject, calls: [PassSpec] = []) {
        self.policy = policy
        self.calls = calls
    }
}
