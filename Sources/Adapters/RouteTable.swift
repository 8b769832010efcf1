import Bytes

/// Finds out where a request goes, by host name or by path prefix. Immutable.
public final class RouteTable: Sendable {
    public let adapters: [Adapter]
    private let hosts: HostTable
    /// ``Adapter/prefix`` of each adapter.
    private let prefixes: NameIndex

    /// Request headers that make some servers take another method or path than the request line says. Whatever
    /// has one is refused with ``Refusal/methodOverride``, reads included. In lower case.
    /// - Source: hardening.md 2.3.
    public static let overrideHeaders: [String] = [
        "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url",
    ]

    /// - Throws: a problem whose path is the provider's name, when two adapters claim the same host or prefix.
    public init(_ adapters: [Adapter]) throws(AdapterProblem) {
        var hosts = HostTable()
        var prefixes = NameIndex()
        for (index, adapter) in adapters.enumerated() {
            for host in adapter.hosts {
                if let owner = hosts.insert(host, adapter: index) {
                    throw AdapterProblem(adapter.provider, "the host \(host) belongs to \(adapters[owner].provider) already")
                }
            }
            if let owner = adapters[..<index].first(where: { $0.prefix == adapter.prefix || $0.provider == adapter.provider }) {
                throw AdapterProblem(adapter.provider, "the prefix \(adapter.prefix) or the name belongs to \(owner.provider) already")
            }
            prefixes.insert(Array(adapter.prefix.utf8), number: index)
        }
        self.adapters = adapters
        self.hosts = hosts
        self.prefixes = prefixes
    }

    /// Decides about one request.
    /// - Parameters:
    ///   - method: as it came; methods are case-sensitive.
    ///   - host: `Host` or `:authority`, with or without port.
    ///   - target: the request target in origin form.
    ///   - out: gets the normalised target and the host to name upstream. These go on, never what came.
    ///   - answer: what the request says to a match, ``MatchAnswer/unknown`` to one that takes the body to answer.
    /// - Returns: the rule that holds. A path that a send rule might mean in any spelling is that send.
    /// - Complexity: linear in the target, two hash probes, then the adapter's rules one by one. No allocation once warm.
    public func route(
        method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>, into out: inout RequestTarget,
        answer: (RequestMatch) -> MatchAnswer = { $0.source == .header ? .differs : .unknown }
    ) -> Route {
        takeHost(host, into: &out)
        let byHost = hosts.find(out.authority.span)
        guard out.take(target), !out.isCollapsed || (byHost.map { adapters[$0].collapsesSegments } ?? true) else {
            return .refuse(.badTarget, byHost.map { adapters[$0] })
        }
        let adapter: Adapter
        if let byHost {
            adapter = adapters[byHost]
            if adapter.originIsOverridden { setAuthority(adapter, &out) }
        } else {
            // A prefix is one segment: Adapter.checkNames.
            let end = RouteBytes.firstSlash(out.bytes.span, 1, out.pathCount)
            guard let found = prefixes.find(out.bytes.span.extracting(0..<end)) else {
                return .refuse(out.isCollapsed ? .badTarget : .unknownHost, nil)
            }
            adapter = adapters[found]
            guard !out.isCollapsed || adapter.collapsesSegments else { return .refuse(.badTarget, nil) }
            takeNamedHost(found, behind: end, &out)
        }
        return adapter.decide(
            method: method, path: out.bytes.span.extracting(0..<out.pathCount), query: out.bytes.span.extracting(out.query), answer: answer)
    }

    /// Lower case, without port and trailing dot.
    private func takeHost(_ host: Span<UInt8>, into out: inout RequestTarget) {
        var end = min(host.count, 255)
        var hasCapitals = false
        if !RouteBytes.isPlainHost(host) {
            end = 0
            while end < min(host.count, 255), host[end] != UInt8(ascii: ":") {
                if host[end].isASCIIUppercase { hasCapitals = true }
                end += 1
            }
        }
        if end > 0, host[end - 1] == UInt8(ascii: ".") { end -= 1 }
        out.authority.removeAll(keepingCapacity: true)
        out.authority.append(host.extracting(0..<end))
        guard hasCapitals else { return }
        for index in 0..<end { out.authority[index] = out.authority[index].asciiLowercased }
    }

    /// A provider with several host names is told by the segment behind the prefix: `/twilio/verify.twilio.com/v2/...` goes to
    /// that host, without the segment. Without one, or with an origin that the operator set, to the adapter's origin.
    /// - Parameter prefix: where the adapter's prefix ends, which goes as well.
    private func takeNamedHost(_ index: Int, behind prefix: Int, _ out: inout RequestTarget) {
        let start = prefix + 1
        let end = start < out.pathCount ? RouteBytes.firstSlash(out.bytes.span, start, out.pathCount) : start
        guard end > start, hosts.find(out.bytes.span.extracting(start..<end)) == index else {
            out.dropPrefix(prefix)
            return setAuthority(adapters[index], &out)
        }
        if adapters[index].originIsOverridden { setAuthority(adapters[index], &out) } else { out.nameHost(start..<end) }
        out.dropPrefix(end)
    }

    private func setAuthority(_ adapter: Adapter, _ out: inout RequestTarget) {
        out.authority.removeAll(keepingCapacity: true)
        out.authority.append(contentsOf: adapter.origin.host.utf8)
    }
}
