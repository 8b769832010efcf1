/// A switch in the request that overrides the provider's own suppressions. It never overrides Stopgate's.
public struct OverrideSpec: Sendable {
    public typealias Policy = OpaquePolicy

    /// Where the switch stands.
    public var at: String
    /// The value that turns it on; `nil`: whatever is not `false`, `null`, `0`, `no`, `off` or nothing.
    public var value: String?
    public var policy: Policy

    public init(at: String, value: String? = nil, policy: Policy) {
        self.at = at
        self.value = value
        self.policy = policy
    }
}
