import CLinux
import Glibc
import HTTPKit

/// Deadlines. Each is computed from what the connection or the exchange is doing at the moment; a timer that fires too
/// early is armed again for the rest.
extension Worker {
    /// Milliseconds on the monotonic clock at which `connection` has waited too long for whatever it waits for.
    func connectionDeadline(_ connection: ConnectionPointer) -> UInt64 {
        let since = connection.pointee.waitingSince
        var deadline: UInt64
        if connection.pointee.isLingering { return since + 1000 }
        switch (connection.pointee.proto, connection.pointee.role) {
        case (.connecting, _): deadline = since + UInt64(limits.connectTime)
        case (.handshake, .client): deadline = since + UInt64(limits.handshakeTime)
        case (.handshake, .upstream): deadline = since + UInt64(limits.connectTime)
        case (.http1, .client):
            if connection.pointee.isReadingHead {
                deadline = since + UInt64(limits.headTime)
            } else {
                deadline = connection.pointee.exchange == nil ? since + UInt64(limits.idleTime) : .max
            }
        case (.http2, .client):
            let headersSince = connection.session { $0.headersSince } ?? 0
            deadline = connection.pointee.exchangeCount == 0 ? since + UInt64(limits.idleTime) : .max
            if headersSince > 0 { deadline = min(deadline, headersSince + UInt64(limits.headTime)) }
        case (_, .upstream):
            deadline = connection.pointee.exchangeCount == 0 ? since + UInt64(limits.upstreamIdleTime) : .max
        }
        if connection.pointee.stalledSince > 0 { deadline = min(deadline, connection.pointee.stalledSince + UInt64(limits.stallTime)) }
        if connection.pointee.role == .client {
            deadline = min(deadline, connection.pointee.createdAt + UInt64(limits.connectionLifetime), busyDeadline(connection))
        }
        return deadline
    }

    /// Gives `connection` so many milliseconds from now. Its other limits need no look: its timer never fires after one of them.
    @inline(__always)
    func limit(_ connection: ConnectionPointer, to milliseconds: Int) {
        let deadline = now.milliseconds + UInt64(milliseconds)
        if !wheel.covers(connection.pointee.timer, deadline) { wheel.arm(connection.pointee.timer, at: deadline) }
    }

    /// The same for an exchange.
    func exchangeDeadline(_ exchange: ExchangePointer) -> UInt64 {
        let since = exchange.pointee.phaseSince
        switch exchange.pointee.phase {
        case .free: return .max
        case .receiving:
            // A head still arriving is the connection's business.
            if exchange.pointee.client?.pointee.partial == exchange { return .max }
            let started = exchange.pointee.startedAt.milliseconds
            let whole = started + UInt64(limits.bodyTime)
                + UInt64(exchange.pointee.requestReceived >> 20) * UInt64(limits.bodyTimePerMebibyte)
            return min(whole, exchange.pointee.lastBodyAt + UInt64(limits.bodyPauseTime), rateDeadline(exchange, started))
        case .parked: return since + UInt64(EngineLimits.parkTime)
        case .queued: return since + UInt64(limits.connectTime)
        case .sent:
            if exchange.pointee.responseReady { return since + UInt64(limits.totalTime) }
            // A streamed request may still be on its way in; the provider can only answer when it has it.
            if exchange.pointee.isStreaming, !exchange.pointee.requestEnded {
                return min(since + UInt64(limits.totalTime), exchange.pointee.lastBodyAt + UInt64(limits.bodyPauseTime))
            }
            return since + UInt64(limits.firstByteTime)
        case .answered: return since + UInt64(limits.stallTime)
        }
    }

    /// When a body that arrives slower than the least rate is given up.
    private func rateDeadline(_ exchange: ExchangePointer, _ started: UInt64) -> UInt64 {
        let earned = UInt64(exchange.pointee.requestReceived / max(limits.leastBodyRate, 1)) * 1000
        return started + UInt64(limits.leastBodyRateGrace) + earned
    }

    func expired(_ node: UnsafeMutablePointer<TimerNode>) {
        guard let owner = node.pointee.owner else { return }
        switch node.pointee.kind {
        case .connection: connectionExpired(owner.assumingMemoryBound(to: Connection.self))
        case .exchange: exchangeExpired(owner.assumingMemoryBound(to: ExchangeState.self))
        }
    }

    private func connectionExpired(_ connection: ConnectionPointer) {
        guard !connection.pointee.isClosed else { return }
        releaseBuffersIfSilent(connection)
        let deadline = connectionDeadline(connection)
        guard deadline <= now.milliseconds else {
            if deadline != .max { wheel.arm(connection.pointee.timer, at: deadline) }
            return
        }
        if connection.pointee.stalledSince > 0, now.milliseconds >= connection.pointee.stalledSince + UInt64(limits.stallTime) {
            metrics.add(.limitStallTime)
            closeConnection(connection)
            return
        }
        guard connection.pointee.role == .client else {
            closeConnection(connection)
            return
        }
        switch connection.pointee.proto {
        case .handshake, .connecting:
            metrics.add(.limitHandshakeTime)
            closeConnection(connection)
        case .http1, .http2:
            let reading = connection.pointee.isReadingHead || connection.session { $0.headersSince } ?? 0 > 0
            if reading {
                metrics.add(.limitHeadTime)
                closeConnection(connection)
            } else if connection.pointee.exchangeCount == 0 {
                metrics.add(.limitIdleTime)
                endGracefully(connection)
            } else {
                // Its lifetime is over while it works: no new requests, then it goes.
                connection.pointee.createdAt = now.milliseconds
                retire(connection, .limitConnectionLifetime)
            }
        }
    }

    /// Ends an idle connection so that the client can tell it from an abort.
    private func endGracefully(_ connection: ConnectionPointer) {
        if connection.pointee.proto == .http2 {
            _ = connection.session { $0.terminate(.noError) }
            connection.pointee.closeWhenSent = true
            mark(connection)
        } else {
            closeConnection(connection)
        }
    }

    private func exchangeExpired(_ exchange: ExchangePointer) {
        let deadline = exchangeDeadline(exchange)
        guard deadline <= now.milliseconds else {
            if deadline != .max { wheel.arm(exchange.pointee.timer, at: deadline) }
            return
        }
        switch exchange.pointee.phase {
        case .free: break
        case .receiving:
            metrics.add(.limitBodyTime)
            let isRate = rateDeadline(exchange, exchange.pointee.startedAt.milliseconds) <= now.milliseconds
            fail(exchange, isRate ? .bodyTooSlow : .bodyTimeout)
        case .parked:
            // The work goes on elsewhere, but its result is no longer waited for: nothing was sent.
            parked -= 1
            enter(exchange, .receiving)
            fail(exchange, .parkTimeout)
            recycleIfDone(exchange)
        case .queued:
            metrics.add(.upstreamTimeoutConnect)
            fail(exchange, .connectTimeout)
        case .sent:
            metrics.add(exchange.pointee.responseReady ? .upstreamTimeoutTotal : .upstreamTimeoutFirstByte)
            abandonUpstream(exchange, exchange.pointee.responseReady ? .totalTimeout : .firstByteTimeout)
        case .answered:
            // The client does not take the answer.
            metrics.add(.limitStallTime)
            guard let client = exchange.pointee.client else { return }
            if client.pointee.proto == .http2 {
                _ = client.session { $0.reset(exchange.pointee.clientStream, .cancel) }
                mark(client)
            } else {
                closeConnection(client)
            }
        }
    }

    /// A non-blocking connect has come to its end, or not yet.
    func finishConnect(_ connection: ConnectionPointer) -> Bool {
        guard connection.pointee.tcpReady || connection.pointee.peerClosed else { return false }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(connection.pointee.fd, SOL_SOCKET, SO_ERROR, &error, &length)
        guard error == 0 else {
            closeConnection(connection)
            return false
        }
        if connection.pointee.tls != nil {
            connection.pointee.proto = .handshake
        } else {
            startHTTP1(connection)
            connection.pointee.pool?._withUnsafeGuaranteedRef { $0.connected(connection) }
        }
        return !connection.pointee.isClosed
    }
}
