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
        let byHost = findHost(host, into: &out)
        if RequestTarget.isPlainPath(target) {
            // Nothing has to be rewritten, so that a prefix goes before it is copied.
            return routePlain(byHost, method: method, target: target, into: &out, answer: answer)
        }
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
            let named = Array(out.bytes[end..<out.pathCount])
            out.dropPrefix(end + takeNamedHost(found, in: named.span, &out))
        }
        return adapter.decide(
            method: method, path: out.bytes.span.extracting(0..<out.pathCount), query: out.bytes.span.extracting(out.query), answer: answer)
    }

    /// ``route(method:host:target:into:answer:)`` of a target that ``RequestTarget/isPlainPath(_:)``.
    private func routePlain(
        _ byHost: Int?, method: Span<UInt8>, target: Span<UInt8>, into out: inout RequestTarget, answer: (RequestMatch) -> MatchAnswer
    ) -> Route {
        let adapter: Adapter
        if let byHost {
            adapter = adapters[byHost]
            if adapter.originIsOverridden { setAuthority(adapter, &out) }
            out.takePlain(target)
        } else {
            let end = RouteBytes.firstSlash(target, 1, target.count)
            guard let found = prefixes.find(target.extracting(0..<end)) else {
                out.takePlain(target)
                return .refuse(.unknownHost, nil)
            }
            adapter = adapters[found]
            let path = target.extracting(end..<target.count)
            out.takePlain(path.extracting(takeNamedHost(found, in: path, &out)..<path.count))
        }
        return adapter.decide(method: method, path: out.bytes.span, query: target.extracting(0..<0), answer: answer)
    }

    /// The adapter whose host this is. Its name goes to `out` in lower case, without port and trailing dot; one that no adapter has
    /// goes nowhere.
    private func findHost(_ host: Span<UInt8>, into out: inout RequestTarget) -> Int? {
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
        guard hasCapitals else {
            let name = host.extracting(0..<end)
            let found = hosts.find(name)
            if found != nil { out.setAuthority(name) }
            return found
        }
        out.setAuthority(host.extracting(0..<end))
        for index in 0..<end { out.authority[index] = out.authority[index].asciiLowercased }
        return hosts.find(out.authority.span)
    }

    /// A provider with several host names is told by the segment behind the prefix: `/twilio/verify.twilio.com/v2/...` goes to
    /// that host, without the segment. Without one, or with an origin that the operator set, to the adapter's origin.
    /// - Parameter path: what is left behind the adapter's prefix.
    /// - Returns: how many bytes of it the segment takes; 0 without one.
    private func takeNamedHost(_ index: Int, in path: Span<UInt8>, _ out: inout RequestTarget) -> Int {
        let end = path.count > 1 ? RouteBytes.firstSlash(path, 1, path.count) : 1
        guard end > 1, hosts.hasShortNames || hasDot(path, 1..<end), hosts.find(path.extracting(1..<end)) == index else {
            setAuthority(adapters[index], &out)
            return 0
        }
        if adapters[index].originIsOverridden { setAuthority(adapters[index], &out) } else { out.setAuthority(path.extracting(1..<end)) }
        return end
    }

    private func hasDot(_ path: Span<UInt8>, _ range: Range<Int>) -> Bool {
        ASCIIText.firstIndex(of: UInt8(ascii: "."), in: path.extracting(range)) < range.count
    }

    private func setAuthority(_ adapter: Adapter, _ out: inout RequestTarget) {
        let host = adapter.originHost
        out.setAuthority(host.span)
    }
}
