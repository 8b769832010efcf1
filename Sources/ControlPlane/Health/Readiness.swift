import Synchronization

/// What keeps the gate from being ready that no part of it knows by itself.
final class Readiness: Sendable {
    private struct State {
        var loading: String?
        var isDraining = false
        var reloadProblem: String?
        var reloads: UInt64 = 0
        var failedReloads: UInt64 = 0
    }

    private let state = Mutex(State())

    func setLoading(_ problem: String) { state.withLock { $0.loading = problem } }
    func setDraining() { state.withLock { $0.isDraining = true } }

    /// - Parameter problem: `nil` when the reload took effect.
    func reloaded(_ problem: String?) {
        state.withLock { state in
            state.reloadProblem = problem
            if problem == nil { state.reloads += 1 } else { state.failedReloads += 1 }
        }
    }

    var loadingProblem: String? { state.withLock { $0.loading } }
    var isDraining: Bool { state.withLock { $0.isDraining } }
    /// Why the last reload was refused.
    var reloadProblem: String? { state.withLock { $0.reloadProblem } }
    var reloadCounts: (good: UInt64, bad: UInt64) { state.withLock { ($0.reloads, $0.failedReloads) } }
}
