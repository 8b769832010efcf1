import Dataplane
import Synchronization

/// Requests by provider across reloads. Workers count by the provider's place among the rules, which a reload may move; so what was
/// counted until then is put down under its name, and counting goes on from there.
final class ProviderTally: Sendable {
    private struct State {
        var names: [String]
        /// What was counted under earlier rules, by name and outcome.
        var settled: [String: [UInt64]] = [:]
        /// What the workers' rows showed when the present rules came.
        var base: [[UInt64]]
    }

    private let workers: [WorkerMetrics]
    private let state: Mutex<State>

    init(names: [String], workers: [WorkerMetrics]) {
        self.workers = workers
        state = Mutex(State(names: names, base: Self.rows(workers)))
    }

    /// The providers have new places.
    func rename(_ names: [String]) {
        state.withLock { state in
            let rows = Self.rows(workers)
            state.settled = Self.totals(state, rows)
            state.base = rows
            state.names = names
        }
    }

    /// Every provider that was ever served, with its counts in the order of `WorkerMetrics.Outcome`.
    var totals: [(provider: String, counts: [UInt64])] {
        state.withLock { Self.totals($0, Self.rows(workers)) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func totals(_ state: State, _ rows: [[UInt64]]) -> [String: [UInt64]] {
        var totals = state.settled
        for (row, name) in state.names.enumerated().prefix(WorkerMetrics.providerLimit) {
            let earlier = totals[name] ?? Array(repeating: 0, count: WorkerMetrics.Outcome.allCases.count)
            totals[name] = earlier.indices.map { earlier[$0] + rows[row][$0] - state.base[row][$0] }
        }
        return totals
    }

    private static func rows(_ workers: [WorkerMetrics]) -> [[UInt64]] {
        (0..<WorkerMetrics.providerLimit).map { row in
            WorkerMetrics.Outcome.allCases.map { outcome in workers.reduce(0) { $0 + $1.value(provider: row, outcome) } }
        }
    }
}
