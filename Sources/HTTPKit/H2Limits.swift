/// The bounds of one HTTP/2 session. Rates are token buckets; see docs/design.md, "Limits".
public struct H2Limits: Sendable {
    public var concurrentStreams = 100
    public var streamsPerConnection = 10_000
    public var headerListSize = 32_768
    public var streamWindow = 64 << 10
    public var connectionWindow = 1 << 20
    public var resetBurst = 200
    public var resetsPerSecond = 20
    public var glitchBurst = 100
    public var glitchesPerSecond = 10
    public var settingsFrames = 20
    public var pingsIdle = 20
    public var pingsBusy = 100
    /// Outgoing acknowledgements that may wait for a peer that does not read.
    public var queuedAcknowledgements = 100
    public var continuations = 8
    public var settingsEntries = 32

    public init() {}
}
