/// Counts the frames that cost us work and bring a peer nothing, one budget per kind, so that a flood is cut early and
/// named in the metrics. nghttp2 1.52 limits some of them itself, with no way to learn which (hardening.md 3.1).
struct H2FrameBudget {
    private var resets: TokenBucket
    private var glitches: TokenBucket
    private var settings: TokenBucket
    private var pingsIdle: TokenBucket
    private var pingsBusy: TokenBucket
    private var priorities = 0
    private var windowUpdates = 0
    private var emptyInARow = 0
    private var continuationsInARow = 0
    private let continuations: Int
    private(set) var streamsOpened = 0
    private(set) var dataFramesSent = 0

    /// - Parameter now: milliseconds on any clock that only moves forward.
    init(limits: H2Limits, now: UInt64) {
        continuations = limits.continuations
        resets = TokenBucket(burst: limits.resetBurst, perSecond: limits.resetsPerSecond, now: now)
        glitches = TokenBucket(burst: limits.glitchBurst, perSecond: limits.glitchesPerSecond, now: now)
        settings = TokenBucket(burst: limits.settingsFrames, perSecond: limits.settingsFrames / 10, now: now)
        pingsIdle = TokenBucket(burst: limits.pingsIdle, perSecond: limits.pingsIdle / 10, now: now)
        pingsBusy = TokenBucket(burst: limits.pingsBusy, perSecond: limits.pingsBusy / 10, now: now)
    }

    mutating func headersBegan() { continuationsInARow = 0 }
    mutating func continuation() -> H2Flood? {
        continuationsInARow += 1
        return continuationsInARow > continuations ? .continuations : nil
    }

    mutating func streamOpened() { streamsOpened += 1 }
    mutating func dataFrameSent() { dataFramesSent += 1 }
    mutating func reset(now: UInt64) -> H2Flood? { resets.take(now: now) ? nil : .resets }
    mutating func glitch(now: UInt64) -> H2Flood? { glitches.take(now: now) ? nil : .glitches }
    mutating func setting(now: UInt64) -> H2Flood? { settings.take(now: now) ? nil : .settings }

    mutating func ping(hasStreams: Bool, now: UInt64) -> H2Flood? {
        (hasStreams ? pingsBusy.take(now: now) : pingsIdle.take(now: now)) ? nil : .pings
    }

    mutating func priority() -> H2Flood? {
        priorities += 1
        return priorities > 100 * (1 + streamsOpened) ? .priority : nil
    }

    mutating func windowUpdate() -> H2Flood? {
        windowUpdates += 1
        return windowUpdates > 5 + 2 * (streamsOpened + 10 * dataFramesSent) ? .windowUpdates : nil
    }

    /// A frame that may carry payload; `isEmpty` when it carried none and did not end its stream.
    mutating func payload(isEmpty: Bool) -> H2Flood? {
        emptyInARow = isEmpty ? emptyInARow + 1 : 0
        return emptyInARow > 1 ? .emptyFrames : nil
    }
}
