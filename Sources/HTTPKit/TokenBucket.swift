/// Allows bursts of `burst` and a steady `perSecond`; time is an argument.
struct TokenBucket {
    private var tokens: Int
    private let burst: Int
    private let perSecond: Int
    /// Milliseconds up to which tokens have been credited.
    private var credited: UInt64

    init(burst: Int, perSecond: Int, now: UInt64) {
        self.burst = burst
        self.perSecond = perSecond
        tokens = burst
        credited = now
    }

    /// Takes one token. - Returns: `false` when there is none left.
    mutating func take(now: UInt64) -> Bool {
        if now > credited {
            let earned = Int(min(now - credited, 3_600_000)) * perSecond / 1000
            if earned > 0 {
                tokens = min(burst, tokens + earned)
                credited = now
            }
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }
}
