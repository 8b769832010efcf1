/// One counter per cause, so that an operator sees which limit was hit and not only that one was.
public enum Counter: Int, CaseIterable, Sendable {
    case connectionsAccepted, connectionsClosed, connectionsRefusedTotal, connectionsRefusedPerSource, connectionsRefusedRate
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
        var name = ""
        for scalar in "\(self)".unicodeScalars {
            if scalar.properties.isUppercase {
                if let last = name.unicodeScalars.last, !last.properties.isUppercase, last != "_" { name += "_" }
                name += String(scalar).lowercased()
            } else {
                name.unicodeScalars.append(scalar)
            }
        }
        return name
    }
}
