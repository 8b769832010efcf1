public import Bytes
public import Recipients

/// One provider, compiled. Immutable; shared by all workers.
public final class Adapter: Sendable {
    public let provider: String
    /// The file it came from.
    public let file: String
    public let prefix: String
    /// Where requests go that did not come by a host name of the provider, and all of them when the operator set one.
    public let origin: OriginSpec
    /// Its host name.
    let originHost: [UInt8]
    /// Whether ``origin`` was set by the operator and so replaces the host name the sender asked for.
    public let originIsOverridden: Bool
    /// The address to connect to in place of the one the name resolves to; `Host` and SNI stay. `host:port`.
    public let connect: OriginSpec?
    public let unmatched: AdapterSpec.Unmatched
    /// Whether a path with empty segments is taken for the one without.
    let collapsesSegments: Bool
    public let endpoints: [Endpoint]
    public let errors: NativeErrors
    public let hosts: [String]
    /// How each SDK is pointed at the gate, for people.
    public let routing: [RoutingSpec]
    /// The bounds on a form that is read to find out what call it is.
    public let formLimits: FormLimits
    let undo: [CallRule]
    let undoPolicy: OpaquePolicy
    let pass: [CallRule]
    /// Method and path of each endpoint, side by side: finding one touches no endpoint.
    let sends: [SendRule]

    /// What an endpoint is found by.
    struct SendRule: Sendable {
        let method: [UInt8]
        let path: PathTemplate
        let match: RequestMatch?
        /// Whether it is a GET that sends.
        let isRead: Bool
    }

    /// What an installation decides about a provider.
    public struct Options: Sendable {
        /// Replaces the provider's own origin.
        public var origin: OriginSpec?
        /// Replaces the address that the provider's name resolves to.
        public var connect: OriginSpec?
        /// Channels on which blocked recipients are reported and let through.
        public var monitored: ChannelSet = []
        public var json = JSONLimits.standard
        public var form = FormLimits.standard
        /// Caps every endpoint's own limit.
        public var recipientLimit = 1000

        public init(origin: OriginSpec? = nil, connect: OriginSpec? = nil, monitored: ChannelSet = []) {
            self.origin = origin
            self.connect = connect
            self.monitored = monitored
        }
    }

    /// Checks and compiles `spec`.
    /// - Throws: the first problem, with its place in the file.
    public init(_ spec: AdapterSpec, options: Options = Options()) throws(AdapterProblem) {
        try Self.checkNames(spec)
        provider = spec.provider
        file = spec.file
        prefix = spec.prefix
        hosts = spec.hosts
        routing = spec.routing
        origin = options.origin ?? spec.origin
        originHost = Array(origin.host.utf8)
        originIsOverridden = options.origin != nil
        connect = options.connect
        unmatched = spec.unmatched
        collapsesSegments = spec.emptySegments == .collapse
        guard !collapsesSegments || !spec.endpoints.contains(where: { if case .sigv4? = $0.signature { true } else { false } }) else {
            throw AdapterProblem("empty_segments", "the signature of a send is of its path: it cannot be changed")
        }
        do throws(AdapterProblem) { errors = try NativeErrors(spec.errors) } catch { throw error.under("errors") }

        formLimits = options.form
        undoPolicy = spec.undo.policy
        var undo: [CallRule] = []
        for (index, call) in spec.undo.calls.enumerated() {
            undo.append(try CallRule(call, ignoringFormat: true, json: options.json, in: "undo.calls", index))
        }
        self.undo = undo
        var pass: [CallRule] = []
        for (index, rule) in spec.pass.enumerated() {
            pass.append(try CallRule(rule, ignoringFormat: false, json: options.json, in: "pass", index))
        }
        self.pass = pass

        var endpoints: [Endpoint] = []
        for (index, endpoint) in spec.endpoints.enumerated() {
            guard !endpoints.contains(where: { $0.id == endpoint.id }) else {
                throw AdapterProblem("endpoints[\(index)].id", "'\(endpoint.id)' is used twice")
            }
            do throws(AdapterProblem) {
                endpoints.append(try Endpoint(endpoint, provider: spec.provider, options: options, errors: (spec.errors, errors)))
            } catch { throw error.under("endpoints[\(index)]") }
        }
        self.endpoints = endpoints
        sends = endpoints.map { SendRule(method: $0.method, path: $0.path, match: $0.match, isRead: $0.method == Array("GET".utf8)) }
    }

    /// Appends what to do about a request that nothing here names: the file, and the line to add to it.
    /// - Parameter path: the normalised path, without the prefix.
    public func appendUnmatchedDetail(method: Span<UInt8>, path: Span<UInt8>, into out: inout GrowableBytes) {
        out.append("if it sends nothing, add to pass in ")
        out.append(file)
        out.append(" the line - ")
        out.append(method)
        out.append(UInt8(ascii: " "))
        out.append(path)
    }

    private static func checkNames(_ spec: AdapterSpec) throws(AdapterProblem) {
        guard !spec.provider.isEmpty, spec.provider.utf8.allSatisfy({ RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
            throw AdapterProblem("provider", "must be letters, digits and dashes")
        }
        let prefix = Array(spec.prefix.utf8)
        guard prefix.first == UInt8(ascii: "/"), prefix.count > 1,
            prefix.dropFirst().allSatisfy({ RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
        else { throw AdapterProblem("prefix", "must be one path segment, such as /twilio") }
        guard !spec.hosts.isEmpty else { throw AdapterProblem("hosts", "name at least one host") }
        for (index, host) in spec.hosts.enumerated() {
            let valid = host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                if label.hasPrefix("{") { return label.hasSuffix("}") && label.count > 2 }
                return !label.isEmpty && label.utf8.allSatisfy { RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
            guard valid else { throw AdapterProblem("hosts[\(index)]", "must be a host name; a label in braces stands for any one label") }
        }
    }
}
