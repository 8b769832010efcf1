/// Every bound of the data plane. The defaults are those of docs/hardening.md section 1.
public struct Limits: Sendable, Equatable {
    // Time.
    public var tlsHandshakeTime: Duration = .seconds(5)
    /// From the first byte of a request to the end of its header section.
    public var headTime: Duration = .seconds(10)
    /// Between two bytes of a body.
    public var bodyIdleTime: Duration = .seconds(10)
    /// For a whole body, and what each MiB of it adds.
    public var bodyTime: Duration = .seconds(60)
    public var bodyTimePerMiB: Duration = .seconds(1)
    /// Bytes a second that a body must keep after its first 10 seconds.
    public var bodyRate = 1 << 10
    public var keepAliveTime: Duration = .seconds(60)
    public var connectionAge: Duration = .seconds(3600)

    // Heads.
    public var requestLineSize = 8 << 10
    public var fieldSize = 8 << 10
    public var fieldsSize = 32 << 10
    public var fieldCount = 100
    public var chunkLineSize = 256
    public var trailersSize = 4 << 10
    public var trailerCount = 16
    public var responseFieldsSize = 64 << 10
    public var responseFieldCount = 200

    // Buffers.
    /// Of a response, for each stream.
    public var responseBuffer = 64 << 10
    /// Of all request bodies of the process.
    public var bufferedBodies = 256 << 20

    // Connections.
    public var connections = 4096
    public var connectionsPerSource = 256
    /// New ones a second.
    public var newConnectionsPerSource = 100
    public var requestsPerConnection = 1000

    public var http2 = HTTP2Limits()
    public var inspection = InspectionLimits()

    public init() {}
}

/// Bounds on one HTTP/2 connection of a client.
public struct HTTP2Limits: Sendable, Equatable {
    public var concurrentStreams = 100
    public var streamWindow = 64 << 10
    public var connectionWindow = 1 << 20
    public var headerListSize = 32 << 10
    public var continuationFrames = 8
    /// RST_STREAM frames from the client: how many at once, and how many a second.
    public var resetBurst = 200
    public var resetRate = 20
    /// Malformed messages we answered, the same way.
    public var glitchBurst = 100
    public var glitchRate = 10
    /// Frames in 10 seconds.
    public var settingsFrames = 20
    public var settingsEntries = 32
    /// Frames in 10 seconds while no stream is open, and while one is.
    public var pingFramesIdle = 20
    public var pingFrames = 100
    /// PING and SETTINGS acknowledgements and resets that wait to be written.
    public var queuedAnswers = 100
    public var streamsPerConnection = 10_000
    public var stalledStreamTime: Duration = .seconds(30)
    public var stalledConnectionTime: Duration = .seconds(60)
    /// Work for one connection in one turn of the loop.
    public var framesPerTurn = 32
    public var requestsPerTurn = 16

    public init() {}
}

/// Bounds on the reading of one body.
public struct InspectionLimits: Sendable, Equatable {
    /// How many times its size a gzip body may decode to.
    public var gzipRatio = 100
    public var jsonDepth = 64
    /// Members and items in all.
    public var jsonElements = 10_000
    /// Of one string; endpoints with a larger body limit, such as mail, allow strings up to that.
    public var jsonStringSize = 256 << 10
    public var jsonKeySize = 1 << 10
    public var jsonNumberSize = 64
    public var formFields = 1000
    public var formNameSize = 256
    public var formValueSize = 256 << 10
    public var recipients = 1000

    public init() {}
}
