/// One provider as its file describes it: what was written, nothing checked yet. ``Adapter/init(_:options:)`` checks and
/// compiles it.
public struct AdapterSpec: Sendable {
    /// The short name used in policies, metrics and the audit log: `twilio`.
    public var provider: String
    /// The file the adapter came from; quoted in errors that say what to add where.
    public var file: String
    /// Host names of the provider. A label in braces stands for exactly one label: `api.{region}.twilio.com`.
    public var hosts: [String]
    /// First path segment for senders that can only change their base URL: `/twilio`.
    public var prefix: String
    /// Where requests that came by ``prefix`` go.
    public var origin: OriginSpec
    /// What becomes of a write that nothing below names.
    public var unmatched: Unmatched = .reject
    /// What becomes of a path with empty segments, `//`.
    public var emptySegments: EmptySegments = .reject
    /// Writes known not to send anything.
    public var pass: [PassSpec] = []
    /// Calls that take back an opt-out at the provider, and what becomes of them.
    public var undo = UndoSpec()
    public var endpoints: [EndpointSpec] = []
    public var errors: ErrorsSpec
    /// How each SDK is pointed at the gate: printed by `stopgate route`, never used by the gate.
    public var routing: [RoutingSpec] = []

    public init(provider: String, file: String, hosts: [String], prefix: String, origin: OriginSpec, errors: ErrorsSpec) {
        self.provider = provider
        self.file = file
        self.hosts = hosts
        self.prefix = prefix
        self.origin = origin
        self.errors = errors
    }

    public enum Unmatched: String, Sendable, CaseIterable { case reject, forward }

    public enum EmptySegments: String, Sendable, CaseIterable {
        case reject
        /// The provider takes it for the path without them, and that is what it gets.
        case collapse
    }
}
