/// Finds out where a request goes, by host name or by path prefix. Immutable.
public struct RouteTable: Sendable {
    public let adapters: [Adapter]
    private let hosts: HostTable

    /// Request headers that make some servers take another method or path than the request line says. Whatever
    /// has one is refused with ``Refusal/methodOverride``, reads included. In lower case.
    /// - Source: hardening.md 2.3.
    public static let overrideHeaders: [String] = [
        "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url",
    ]

    /// - Throws: a problem whose path is the provider's name, when two adapters claim the same host or prefix.
    public init(_ adapters: [Adapter]) throws(AdapterProblem) {
        var hosts = HostTable()
        for (index, adapter) in adapters.enumerated() {
            for host in adapter.hosts {
                if let owner = hosts.insert(host, adapter: index) {
                    throw AdapterProblem(adapter.provider, "the host \(host) belongs to \(adapters[owner].provider) already")
                }
            }
            if let owner = adapters[..<index].first(where: { $0.prefix == adapter.prefix || $0.provider == adapter.provider }) {
                throw AdapterProblem(adapter.provider, "the prefix \(adapter.prefix) or the name belongs to \(owner.provider) already")
            }
        }
        self.adapters = adapters
        self.hosts = hosts
    }

    /// Decides about one request.
    /// - Parameters:
    ///   - method: as it came; methods are case-sensitive.
    ///   - host: `Host` or `:authority`, with or without port.
    ///   - target: the request target in origin form.
    ///   - out: gets the normalised target and the host to name upstream. These go on, never what came.
    /// - Returns: the rule that holds. A path that a send rule might mean in any spelling is that send.
    /// - Complexity: linear in the target, one hash probe, then the adapter's rules one by one. No allocation once warm.
    public func route(
        method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>, into out: inout RequestTarget
    ) -> Route {
        takeHost(host, into: &out)
        let byHost = hosts.find(out.authority.span)
        guard out.take(target) else { return .refuse(.badTarget, byHost.map { adapters[$0] }) }
        let adapter: Adapter
        if let byHost {
            adapter = adapters[byHost]
            if adapter.originIsOverridden { setAuthority(adapter, &out) }
        } else {
            guard let found = adapters.first(where: { hasPrefix(out, $0.prefixBytes) }) else { return .refuse(.unknownHost, nil) }
            adapter = found
            out.dropPrefix(found.prefixBytes.count)
            setAuthority(adapter, &out)
        }
        return decide(adapter, method, out)
    }

    private func decide(_ adapter: Adapter, _ method: Span<UInt8>, _ out: borrowing RequestTarget) -> Route {
        let path = out.bytes.span.extracting(0..<out.pathCount)
        let isRead = RouteBytes.isRead(method)
        var named: Endpoint?
        for endpoint in adapter.endpoints where endpoint.path.matchesLoosely(path) {
            if RouteBytes.equal(method, endpoint.method) {
                return hasOverrideParameter(out) ? .refuse(.methodOverride, adapter) : .send(adapter, endpoint)
            }
            named = endpoint
        }
        if named != nil, hasOverrideParameter(out) { return .refuse(.methodOverride, adapter) }
        if isRead { return .pass(adapter, takesBody: false) }
        if named != nil { return .refuse(.methodNotAllowed, adapter) }
        for rule in adapter.pass {
            if let wanted = rule.method, !RouteBytes.equal(method, wanted) { continue }
            if rule.path.matchesExactly(path) {
                return hasOverrideParameter(out) ? .refuse(.methodOverride, adapter) : .pass(adapter, takesBody: true)
            }
        }
        return adapter.unmatched == .forward ? .pass(adapter, takesBody: true) : .refuse(.unmatchedRequest, adapter)
    }

    /// Lower case, without port and trailing dot.
    private func takeHost(_ host: Span<UInt8>, into out: inout RequestTarget) {
        out.authority.removeAll(keepingCapacity: true)
        for index in 0..<min(host.count, 255) {
            if host[index] == UInt8(ascii: ":") { break }
            out.authority.append(RouteBytes.lower(host[index]))
        }
        if out.authority.last == UInt8(ascii: ".") { out.authority.removeLast() }
    }

    private func setAuthority(_ adapter: Adapter, _ out: inout RequestTarget) {
        out.authority.removeAll(keepingCapacity: true)
        out.authority.append(contentsOf: adapter.origin.host.utf8)
    }

    private func hasPrefix(_ out: borrowing RequestTarget, _ prefix: [UInt8]) -> Bool {
        guard out.pathCount >= prefix.count else { return false }
        for index in prefix.indices where out.bytes[index] != prefix[index] { return false }
        return out.pathCount == prefix.count || out.bytes[prefix.count] == UInt8(ascii: "/")
    }

    /// Whether the query has a parameter `_method`, in any case and however escaped.
    private func hasOverrideParameter(_ out: borrowing RequestTarget) -> Bool {
        let query = out.query
        var start = query.lowerBound
        while start < query.upperBound {
            var end = start
            while end < query.upperBound, out.bytes[end] != UInt8(ascii: "&"), out.bytes[end] != UInt8(ascii: ";") { end += 1 }
            if RouteBytes.isMethodParameter(out.bytes.span.extracting(start..<end)) { return true }
            start = end + 1
        }
        return false
    }
}
