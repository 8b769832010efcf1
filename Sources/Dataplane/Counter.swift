/// One counter per cause, so that an operator sees which limit was hit and not only that one was.
public enum Counter: Int, CaseIterable, Sendable {
    case connectionsAccepted, connectionsClosed, connectionsRefusedLimit, connectionsRefusedPerSource, connectionsRefusedRate
    case handshakes, handshakesResumed, handshakesFailed
    case requestsHTTP1, requestsHTTP2
    case bytesFromClients, bytesToClients, bytesFromProviders, bytesToProviders

    case limitHandshakeTime, limitHeadTime, limitIdleTime, limitBodyTime, limitStallTime, limitBodySize, limitBufferedBodies
    case limitRequestsPerConnection, limitConnectionLifetime, limitHeaderList
    case floodResets, floodGlitches, floodSettings, floodPings, floodStreams, floodEmptyFrames, floodWindowUpdates, floodPriority, floodContinuations

    case upstreamConnects, upstreamConnectsFailed, upstreamTLSFailed, upstreamRetriesSafe
    case upstreamTimeoutConnect, upstreamTimeoutFirstByte, upstreamTimeoutTotal, upstreamBroken, upstreamMalformed
    case upstreamPendingFull, upstreamResolveFailed

    case clientAborted, rechecksChanged, auditFull, auditFailed, malformedRequests, misdirectedRequests

    /// The Prometheus name without the `stopgate_` prefix and the `_total` suffix.
    public var metricName: String {
        let scalars = Array("\(self)".unicodeScalars)
        var name = ""
        for (index, scalar) in scalars.enumerated() {
            let isUpper = scalar.properties.isUppercase
            // A word begins where small letters end, and at the last capital of an acronym: `upstreamTLSFailed`.
            let afterSmall = index > 0 && !scalars[index - 1].properties.isUppercase
            let beforeSmall = index > 0 && index + 1 < scalars.count && scalars[index + 1].properties.isLowercase
            if isUpper, afterSmall || beforeSmall { name += "_" }
            name += String(scalar).lowercased()
        }
        return name
    }
}
