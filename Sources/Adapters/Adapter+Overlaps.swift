extension Adapter {
    /// What is wrong between the calls of an adapter that is sound by itself: calls that hold for the same request, and calls
    /// that never hold because another one does first. All of them, in the order of the file.
    public func overlaps(_ spec: AdapterSpec) -> [AdapterProblem] {
        var problems: [AdapterProblem] = []
        for index in endpoints.indices {
            let path = "endpoints[\(index)].path"
            for earlier in endpoints[..<index] where endpoints[index].overlaps(earlier) {
                let isMatched = earlier.match != nil || endpoints[index].match != nil
                problems.append(
                    AdapterProblem(
                        path, "the endpoint '\(endpoints[index].id)' overlaps with '\(earlier.id)': both take \(spec.endpoints[index].method) \(spec.endpoints[index].path)",
                        suggestion: isMatched
                            ? "put the endpoint that has a match first" : "give both a match (a header or a form field with its value), or make one of the paths narrower"))
                break
            }
            if let rule = undo.indices.first(where: { undo[$0].covers(endpoints[index]) }) {
                problems.append(
                    AdapterProblem(
                        path, "the endpoint '\(endpoints[index].id)' is never reached: \(undo[rule].place) is looked at first and takes its path",
                        suggestion: "make the undo call narrower"))
            }
        }
        for index in pass.indices {
            if let endpoint = endpoints.first(where: { $0.shadows(pass[index]) }) {
                problems.append(
                    AdapterProblem(
                        pass[index].place, "this call never passes: the endpoint '\(endpoint.id)' is looked at first and takes its path",
                        suggestion: endpoint.match == nil
                            ? "remove it" : "say which of the calls under this path it is: {call: ..., header or field: ..., value: ...}"))
            } else if let rule = undo.indices.first(where: { undo[$0].covers(pass[index]) }) {
                problems.append(
                    AdapterProblem(pass[index].place, "this call never passes: \(undo[rule].place) is looked at first and takes its path", suggestion: "remove one of the two"))
            }
        }
        return problems
    }
}

extension Endpoint {
    /// Whether some request is both endpoints', with nothing to tell them apart.
    fileprivate func overlaps(_ earlier: Endpoint) -> Bool {
        guard method == earlier.method, path.overlaps(earlier.path) else { return false }
        // A narrower path in front of a wider one is told apart by the order: /batches/dry_run, /batches/{batch_id}.
        if path.covers(earlier.path), !earlier.path.covers(path) { return false }
        guard let match, let other = earlier.match else {
            // Behind endpoints that say which call they are, one may take all others of the very same path.
            return !(earlier.match != nil && match == nil && path.covers(earlier.path))
        }
        return match.canHoldBeside(other)
    }

    /// Whether every request the rule is for is taken by this endpoint, or by none.
    fileprivate func shadows(_ rule: CallRule) -> Bool {
        guard let wanted = rule.method, wanted == method, path.covers(rule.path) else { return false }
        guard let match else { return true }
        // A body in doubt is the send's: what is not, may pass.
        guard match.source != .body else { return false }
        guard let other = rule.match else { return true }
        return match.source == other.source && match.name == other.name && match.value == other.value
    }
}

extension CallRule {
    fileprivate func covers(_ endpoint: Endpoint) -> Bool {
        guard method == nil || method == endpoint.method, path.covers(endpoint.path) else { return false }
        return covers(endpoint.match)
    }

    fileprivate func covers(_ other: CallRule) -> Bool {
        guard method == nil || method == other.method, path.covers(other.path) else { return false }
        return covers(other.match)
    }

    private func covers(_ other: RequestMatch?) -> Bool {
        guard let match else { return true }
        guard let other, match.source != .body else { return false }
        return match.source == other.source && match.name == other.name && match.value == other.value
    }
}
