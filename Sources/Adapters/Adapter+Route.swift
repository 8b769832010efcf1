import Bytes

extension Adapter {
    /// Decides what a request to this provider is.
    /// - Parameters:
    ///   - path: the normalised path, without the prefix.
    ///   - query: the query string without `?`.
    ///   - answer: what the request says to a match. ``MatchAnswer/unknown`` while the body is not there.
    /// - Returns: the rule that holds. A path that a send rule might mean in any spelling is that send. ``Route/ask(_:bodyLimit:)``
    ///   only after an ``MatchAnswer/unknown``.
    public func decide(
        method: Span<UInt8>, path: Span<UInt8>, query: Span<UInt8>, answer: (RequestMatch) -> MatchAnswer
    ) -> Route {
        if !undo.isEmpty, let route = undoing(method, path, query, answer) { return route }
        // Whether the path is a send's, in whatever method; whether several calls share it, and this method; whether it is a
        // read that sends; whether the body says that it is no send.
        var isNamed = false, isShared = false, isReadNamed = false, isToldApart = false
        for index in sends.indices where sends[index].path.matchesLoosely(path) {
            isNamed = true
            guard RouteBytes.equal(method, sends[index].method) else {
                if sends[index].isRead || sends[index].match?.isAsked(by: query) == true { isReadNamed = true }
                continue
            }
            if hasOverrideParameter(query) { return .refuse(.methodOverride, self) }
            guard let match = sends[index].match else { return .send(self, endpoints[index]) }
            if match.source == .body { isToldApart = true } else { isShared = true }
            switch answer(match) {
            case .holds: return .send(self, endpoints[index])
            case .differs: continue
            case .unknown: return .ask(self, bodyLimit: bodyLimit(method, path))
            case .refused(let refusal): return .refuse(refusal, self)
            }
        }
        if isNamed, !isShared, hasOverrideParameter(query) { return .refuse(.methodOverride, self) }
        if RouteBytes.isRead(method), !isShared {
            return isReadNamed ? .refuse(.methodNotAllowed, self) : .pass(self, takesBody: false)
        }
        if isNamed, !isShared, !isToldApart { return .refuse(.methodNotAllowed, self) }
        for index in pass.indices where pass[index].holds(method) && pass[index].path.matchesExactly(path) {
            if let match = pass[index].match {
                switch answer(match) {
                case .holds: break
                case .differs: continue
                case .unknown: return .ask(self, bodyLimit: bodyLimit(method, path))
                case .refused(let refusal): return .refuse(refusal, self)
                }
            } else if isShared {
                // What no match told from a send may be one.
                continue
            }
            return hasOverrideParameter(query) ? .refuse(.methodOverride, self) : .pass(self, takesBody: !RouteBytes.isRead(method))
        }
        return unmatched == .forward && !RouteBytes.isRead(method) ? .pass(self, takesBody: true) : .refuse(.unmatchedRequest, self)
    }

    /// A call that undoes an opt-out, in any spelling.
    private func undoing(
        _ method: Span<UInt8>, _ path: Span<UInt8>, _ query: Span<UInt8>, _ answer: (RequestMatch) -> MatchAnswer
    ) -> Route? {
        for index in undo.indices where undo[index].path.matchesLoosely(path) {
            guard undo[index].holdsRead(method) else {
                if undoPolicy == .reject, RouteBytes.isRead(method), undo[index].match?.isAsked(by: query) == true { return .refuse(.undoForbidden, self) }
                continue
            }
            if let match = undo[index].match {
                switch answer(match) {
                case .holds: break
                case .differs: continue
                case .unknown: return .ask(self, bodyLimit: bodyLimit(method, path))
                case .refused(let refusal): return .refuse(refusal, self)
                }
            }
            if hasOverrideParameter(query) { return .refuse(.methodOverride, self) }
            guard undoPolicy == .allow else { return .refuse(.undoForbidden, self) }
            return .pass(self, takesBody: !RouteBytes.isRead(method))
        }
        return nil
    }

    /// How much of a body has to be taken to find out which call it is: as much as the largest call it may be.
    private func bodyLimit(_ method: Span<UInt8>, _ path: Span<UInt8>) -> Int {
        var limit = Self.plainBodyLimit
        for index in undo.indices where undo[index].path.matchesLoosely(path) && undo[index].holds(method) {
            if let body = undo[index].match?.body { limit = max(limit, body.bodyLimit) }
        }
        for index in sends.indices where sends[index].path.matchesLoosely(path) && RouteBytes.equal(method, sends[index].method) {
            limit = max(limit, endpoints[index].bodyLimit)
        }
        return limit
    }

    /// Calls that a field tells apart and that are no sends have no limit of their own.
    private static let plainBodyLimit = 1 << 20

    /// Whether the query has a parameter `_method`, in any case and however escaped.
    private func hasOverrideParameter(_ query: Span<UInt8>) -> Bool {
        var start = 0
        while start < query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&"), query[end] != UInt8(ascii: ";") { end += 1 }
            if RouteBytes.isMethodParameter(query.extracting(start..<end)) { return true }
            start = end + 1
        }
        return false
    }
}
