import Dataplane
import Policy

extension EngineLimits {
    /// What `limits` and `upstream` of stopgate.yaml say, in the engine's units.
    init(_ settings: Settings) {
        self.init()
        let limits = settings.limits, h2 = settings.limits.http2, upstream = settings.upstream
        connections = limits.connections
        connectionsPerSource = limits.connectionsPerSource
        newConnectionsPerSecondPerSource = limits.newConnectionsPerSource
        requestsPerConnection = limits.requestsPerConnection
        connectionLifetime = limits.connectionAge.wholeMilliseconds
        handshakeTime = limits.tlsHandshakeTime.wholeMilliseconds
        headTime = limits.headTime.wholeMilliseconds
        idleTime = limits.keepAliveTime.wholeMilliseconds
        stallTime = h2.stalledStreamTime.wholeMilliseconds
        bodyPauseTime = limits.bodyIdleTime.wholeMilliseconds
        bodyTime = limits.bodyTime.wholeMilliseconds
        bodyTimePerMebibyte = limits.bodyTimePerMiB.wholeMilliseconds
        leastBodyRate = limits.bodyRate
        bufferedBodies = limits.bufferedBodies
        bufferedResponse = limits.responseBuffer
        connectTime = upstream.connectTimeout.wholeMilliseconds
        firstByteTime = upstream.firstByteTimeout.wholeMilliseconds
        totalTime = upstream.totalTimeout.wholeMilliseconds
        // Never longer than the engine's own: see its comment on stale connections.
        upstreamIdleTime = min(upstreamIdleTime, upstream.idleTimeout.wholeMilliseconds)
        upstreamConnections = upstream.connectionsPerOrigin
        concurrentStreams = h2.concurrentStreams
        streamsPerConnection = h2.streamsPerConnection
        headerListSize = h2.headerListSize
        streamWindow = h2.streamWindow
        connectionWindow = h2.connectionWindow
        resetBurst = h2.resetBurst
        resetsPerSecond = h2.resetRate
        glitchBurst = h2.glitchBurst
        glitchesPerSecond = h2.glitchRate
        settingsFrames = h2.settingsFrames
        pingsIdle = h2.pingFramesIdle
        pingsBusy = h2.pingFrames
        framesPerTurn = h2.framesPerTurn
        requestsPerTurn = h2.requestsPerTurn
        drainTime = settings.drainDeadline.wholeMilliseconds
    }
}

extension Duration {
    /// At least 1, so that no limit turns into none.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? Int.max / 4 : max(1, Int(scaled) + Int(attoseconds / 1_000_000_000_000_000))
    }
}
