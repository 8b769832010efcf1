import Synchronization

/// Limits how often callers without a good token are answered one by one and noted in the audit log. It does not count calls with
/// a good one: whoever guesses must not be able to lock the operator out, and 256 random bits are not guessed.
final class RefusalLimit: Sendable {
    private let capacity: Double
    private let perSecond: Double
    private let state: Mutex<(tokens: Double, at: ContinuousClock.Instant)>

    /// - Parameter capacity: refusals at once; they come back at `perSecond`.
    init(capacity: Double = 10, perSecond: Double = 0.2, now: ContinuousClock.Instant = .now) {
        self.capacity = capacity
        self.perSecond = perSecond
        state = Mutex((capacity, now))
    }

    /// Takes one.
    /// - Returns: `nil` when there was one; otherwise the seconds to wait.
    func take(now: ContinuousClock.Instant = .now) -> Int? {
        state.withLock { state in
            let passed = (now - state.at) / .seconds(1)
            state = (min(capacity, state.tokens + max(0, passed) * perSecond), now)
            guard state.tokens >= 1 else { return Int(((1 - state.tokens) / perSecond).rounded(.up)) }
            state.tokens -= 1
            return nil
        }
    }
}
