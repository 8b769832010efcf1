import ArgumentParser
import Dataplane

/// One `--limit name=value`: a bound of ``EngineLimits`` under the name it has there. Conformance tests shorten timers and
/// cross budgets with it.
struct LimitOption: ExpressibleByArgument {
    private let name: String
    private let value: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let value = Int(parts[1]), value >= 0, Self.limits[String(parts[0])] != nil else { return nil }
        name = String(parts[0])
        self.value = value
    }

    func apply(to limits: inout EngineLimits) {
        if let path = Self.limits[name] { limits[keyPath: path] = value }
    }

    static var allValueStrings: [String] { limits.keys.sorted().map { $0 + "=N" } }

    private static var limits: [String: WritableKeyPath<EngineLimits, Int>] {
        [
            "connections": \.connections,
            "connectionsPerSource": \.connectionsPerSource,
            "newConnectionsPerSecondPerSource": \.newConnectionsPerSecondPerSource,
            "requestsPerConnection": \.requestsPerConnection,
            "connectionLifetime": \.connectionLifetime,
            "handshakeTime": \.handshakeTime,
            "headTime": \.headTime,
            "idleTime": \.idleTime,
            "stallTime": \.stallTime,
            "bodyPauseTime": \.bodyPauseTime,
            "bodyTime": \.bodyTime,
            "leastBodyRate": \.leastBodyRate,
            "leastBodyRateGrace": \.leastBodyRateGrace,
            "bufferedBodies": \.bufferedBodies,
            "connectTime": \.connectTime,
            "firstByteTime": \.firstByteTime,
            "totalTime": \.totalTime,
            "upstreamConnections": \.upstreamConnections,
            "upstreamHTTP2Connections": \.upstreamHTTP2Connections,
            "upstreamIdleTime": \.upstreamIdleTime,
            "pendingPerOrigin": \.pendingPerOrigin,
            "concurrentStreams": \.concurrentStreams,
            "streamsPerConnection": \.streamsPerConnection,
            "headerListSize": \.headerListSize,
            "resetBurst": \.resetBurst,
            "glitchBurst": \.glitchBurst,
        ]
    }
}
