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
    /// Writes known not to send anything.
    public var pass: [PassSpec] = []
    public var endpoints: [EndpointSpec] = []
    public var errors: ErrorsSpec

    public init(provider: String, file: String, hosts: [String], prefix: String, origin: OriginSpec, errors: ErrorsSpec) {
        self.provider = provider
        self.file = file
        self.hosts = hosts
        self.prefix = prefix
        self.origin = origin
        self.errors = errors
    }

    public enum Unmatched: String, Sendable, CaseIterable { case reject, forward }
}

/// Where a provider listens.
public struct OriginSpec: Sendable, Hashable {
    public var host: String
    public var port: Int
    public var usesTLS: Bool

    public init(host: String, port: Int = 443, usesTLS: Bool = true) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
    }
}

/// A method and a path that may stream through unread.
public struct PassSpec: Sendable {
    /// `POST`, `DELETE` ...; `*` for every method.
    public var method: String
    /// A path template: `{name}` is one segment, a last `**` is any rest.
    public var path: String

    public init(method: String, path: String) {
        self.method = method
        self.path = path
    }
}
