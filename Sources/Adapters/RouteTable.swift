import Bytes

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
    ///   - answer: what the request says to a match, ``MatchAnswer/unknown`` to one that takes the body to answer.
    /// - Returns: the rule that holds. A path that a send rule might mean in any spelling is that send.
    /// - Complexity: linear in the target, one hash probe, then the adapter's rules one by one. No allocation once warm.
    public func route(
        method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>, into out: inout RequestTarget,
        answer: (RequestMatch) -> MatchAnswer = { $0.source == .header ? .differs : .unknown }
    ) -> Route {
        takeHost(host, into: &out)
        let byHost = hosts.find(out.authority.span)
        guard out.take(target) else { return .refuse(.badTarget, byHost.map { adapters[$0] }) }
        let adapter: Adapter
        if let byHost {
            adapter = adapters[byHost]
            if adapter.originIsOverridden { setAuthority(adapter, &out) }
        } else {
            guard let found = adapters.firstIndex(where: { hasPrefix(out, $0.prefixBytes) }) else { return .refuse(.unknownHost, nil) }
            adapter = adapters[found]
            out.dropPrefix(adapter.prefixBytes.count)
            takeNamedHost(found, &out)
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
    private func takeNamedHost(_ index: Int, _ out: inout RequestTarget) {
        var end = 1
        while end < out.pathCount, out.bytes[end] != UInt8(ascii: "/") { end += 1 }
        guard end > 1, hosts.find(out.bytes.span.extracting(1..<end)) == index else { return setAuthority(adapters[index], &out) }
        out.nameHost(1..<end)
        out.dropPrefix(end)
        if adapters[index].originIsOverridden { setAuthority(adapters[index], &out) }
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
}
