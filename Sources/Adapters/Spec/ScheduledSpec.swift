/// How a send for later is recognised: an opt-out that comes before its time has to call it back.
public struct ScheduledSpec: Sendable {
    /// Places that hold a time, or say that there is one. Any of them present makes the send one for later.
    public var at: [String]
    /// `reject` refuses with ``Refusal/scheduledForbidden``; `allow` records it with its ``cancel`` call.
    public var policy: OpaquePolicy
    /// The call that takes the send back.
    public var cancel: CallSpec?

    public init(at: [String], policy: OpaquePolicy, cancel: CallSpec? = nil) {
        self.at = at
        self.policy = policy
        self.cancel = cancel
    }
}
