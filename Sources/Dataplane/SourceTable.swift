import Synchronization

/// Counts connections in all and by source address, across all workers. Used at accept and close only, never per request.
final class SourceTable: Sendable {
    enum Verdict { case accepted, tooMany, tooManyFromSource, tooFast }

    private struct Source {
        var open = 0
        var second: UInt64 = 0
        var newInSecond = 0
    }

    private struct State {
        var total = 0
        var sources: [PeerAddress: Source] = [:]
    }

    private let state = Mutex(State())

    /// - Parameter now: milliseconds on the monotonic clock.
    func admit(_ address: PeerAddress, limits: EngineLimits, now: UInt64) -> Verdict {
        let source = address.source
        return state.withLock { state in
            guard state.total < limits.connections else { return .tooMany }
            var entry = state.sources[source] ?? Source()
            if entry.second != now / 1000 {
                entry.second = now / 1000
                entry.newInSecond = 0
            }
            entry.newInSecond += 1
            defer { state.sources[source] = entry }
            if entry.newInSecond > limits.newConnectionsPerSecondPerSource { return .tooFast }
            if entry.open >= limits.connectionsPerSource { return .tooManyFromSource }
            entry.open += 1
            state.total += 1
            return .accepted
        }
    }

    func leave(_ address: PeerAddress, now: UInt64) {
        let source = address.source
        state.withLock { state in
            state.total -= 1
            guard var entry = state.sources[source] else { return }
            entry.open -= 1
            // Forgetting idle sources keeps the table as small as the present traffic.
            state.sources[source] = entry.open == 0 && entry.second != now / 1000 ? nil : entry
            if state.sources.count > 65_536 { state.sources = state.sources.filter { $0.value.open > 0 } }
        }
    }
}
