/// Every bound the engine keeps. Times in milliseconds, sizes in bytes. Defaults: docs/design.md, "Limits".
public struct EngineLimits: Sendable, Equatable {
    // Connections.
    public var connections = 4096
    public var connectionsPerSource = 256
    public var newConnectionsPerSecondPerSource = 100
    public var requestsPerConnection = 1000
    public var connectionLifetime = 3_600_000
    public var handshakeTime = 5_000
    public var headTime = 10_000
    public var idleTime = 60_000
    public var stallTime = 30_000

    // Request bodies.
    public var bodyPauseTime = 10_000
    public var bodyTime = 60_000
    public var bodyTimePerMebibyte = 1_000
    public var leastBodyRate = 1024
    public var leastBodyRateGrace = 10_000
    /// How long a service may work on a request elsewhere.
    static let parkTime = 10_000
    /// All request bodies held by the process.
    public var bufferedBodies = 256 << 20

    // Towards providers.
    public var connectTime = 5_000
    public var firstByteTime = 30_000
    public var totalTime = 60_000
    public var upstreamConnections = 64
    public var upstreamHTTP2Connections = 4
    /// An idle upstream connection older than this is not used again: a provider that closes it at the same moment would
    /// turn a send into one that may have happened.
    public var upstreamIdleTime = 15_000
    public var pendingPerOrigin = 4096
    public var bufferedResponse = 64 << 10
    /// The most of an answer that is held back until it is whole.
    public var heldResponse = 1 << 20
    public var resolveInterval = 30_000

    // HTTP/2, server side.
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

    // One loop turn of one connection.
    public var framesPerTurn = 32
    public var requestsPerTurn = 16

    /// The time after SIGTERM in which requests in flight may finish.
    public var drainTime = 30_000

    public init() {}

    /// The shortest time any phase of an exchange is given.
    var shortestPhase: Int {
        min(bodyPauseTime, bodyTime, leastBodyRateGrace, Self.parkTime, connectTime, firstByteTime, totalTime, stallTime)
    }
}
