import HTTPKit

extension H2Limits {
    /// The server side's share of the engine's limits.
    init(_ limits: EngineLimits) {
        self.init()
        concurrentStreams = limits.concurrentStreams
        streamsPerConnection = limits.streamsPerConnection
        headerListSize = limits.headerListSize
        streamWindow = limits.streamWindow
        connectionWindow = limits.connectionWindow
        resetBurst = limits.resetBurst
        resetsPerSecond = limits.resetsPerSecond
        glitchBurst = limits.glitchBurst
        glitchesPerSecond = limits.glitchesPerSecond
        settingsFrames = limits.settingsFrames
        pingsIdle = limits.pingsIdle
        pingsBusy = limits.pingsBusy
    }

    /// Towards providers: answers are small, and at most one stream window of each is held for a slow client.
    static let upstream: H2Limits = {
        var limits = H2Limits()
        limits.headerListSize = 65_536
        limits.streamWindow = 64 << 10
        limits.connectionWindow = 8 << 20
        limits.continuations = 16
        return limits
    }()
}
