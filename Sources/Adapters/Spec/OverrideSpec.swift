/// A switch in the request that overrides the provider's own suppressions. It never overrides Stopgate's.
public struct OverrideSpec: Sendable {
    public typealias Policy = OpaquePolicy

    /// Where the switch stands.
    public var at: String
    /// The value that turns it on, in any case; `nil`: in JSON anything but `false` and `null`, in a form any text that some
    /// server takes for true.
    public var value: String?
    public var policy: Policy

    public init(at: String, value: String? = nil, policy: Policy) {
        self.at = at
        self.value = value
        self.policy = policy
    }
}
