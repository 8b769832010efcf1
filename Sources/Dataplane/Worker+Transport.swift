import Bytes
import CLinux
import Glibc
import HTTPKit
import TLSKit

/// Bytes between sockets and codecs.
extension Worker {
    /// What a read from the transport brought.
    enum ReadStep { case bytes(Int), wait, end(clean: Bool), failed }

    func ready(_ connection: ConnectionPointer, _ readiness: Reactor.Readiness) {
        guard !connection.pointee.isClosed else { return }
        if !readiness.isDisjoint(with: [.peerClosed, .hungUp, .failed]) {
            connection.pointee.peerClosed = true
            connection.pointee.tls?.transport.pointee.peerClosed = true
        }
        if readiness.contains(.output) {
            connection.pointee.tcpReady = true
            if connection.pointee.hasPending, sendPending(connection) {
                mark(connection)
                connection.pointee.pool?._withUnsafeGuaranteedRef { $0.writable(connection) }
            }
            if connection.pointee.isClosed { return }
        }
        let input: Reactor.Readiness = [.input, .peerClosed, .hungUp, .failed]
        if !readiness.isDisjoint(with: input) {
            connection.pointee.drained = false
            connection.pointee.tls?.transport.pointee.drained = false
            readable(connection)
        } else if connection.pointee.proto == .connecting || connection.pointee.proto == .handshake {
            readable(connection)
        }
    }

    /// Reads until there is nothing left, the codec asks for a pause, or the turn's share is used up.
    func readable(_ connection: ConnectionPointer) {
        if connection.pointee.proto == .connecting && !finishConnect(connection) { return }
        if connection.pointee.proto == .handshake && !handshake(connection) { return }
        if connection.pointee.isLingering {
            linger(connection)
            return
        }
        // A peer that keeps OpenSSL busy with handshake records gets its share and no more.
        connection.pointee.tls?.transport.pointee.receiveBudget = 64
        // What an earlier turn could not finish comes first.
        if !connection.pointee.input.isEmpty {
            understand(connection)
            if connection.pointee.isClosed { return }
        }
        var rounds = 0
        while !connection.pointee.isPaused {
            if rounds == 8 || connection.pointee.isQueuedAgain {
                readAgain(connection)
                break
            }
            rounds += 1
            switch read(connection) {
            case .bytes(let count):
                receive(connection, UnsafeBufferPointer(rebasing: UnsafeRawBufferPointer(readBuffer).bindMemory(to: UInt8.self)[..<count]))
                if connection.pointee.isClosed { return }
            case .wait:
                mark(connection)
                return
            case .end(let clean):
                ended(connection, clean: clean)
                return
            case .failed:
                closeConnection(connection)
                return
            }
        }
        mark(connection)
    }

    private func read(_ connection: ConnectionPointer) -> ReadStep {
        guard let step = connection.pointee.tls?.read(into: readBuffer) else { return readPlain(connection) }
        // Tickets, key updates and alerts are written while reading.
        if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
        // Answers of the TLS layer itself (to KeyUpdates) that a peer asks for and does not take.
        if connection.pointee.pending.count > 4 << 20 { return .failed }
        switch step {
        case .moved(let count): return .bytes(count)
        case .wantsRead:
            if connection.pointee.tls?.transport.pointee.drained == false { readAgain(connection) }
            return .wait
        case .closed: return .end(clean: true)
        case .failed: return connection.pointee.tls?.failure?.kind == .truncated ? .end(clean: false) : .failed
        }
    }

    private func readPlain(_ connection: ConnectionPointer) -> ReadStep {
        if connection.pointee.drained { return .wait }
        while true {
            let count = recv(connection.pointee.fd, readBuffer.baseAddress, readBuffer.count, 0)
            if count > 0 {
                if count < readBuffer.count, !connection.pointee.peerClosed { connection.pointee.drained = true }
                return .bytes(count)
            }
            if count == 0 { return .end(clean: true) }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                connection.pointee.drained = true
                return .wait
            default: return .failed
            }
        }
    }

    /// Gives `bytes`, fresh from the wire, to the codec.
    private func receive(_ connection: ConnectionPointer, _ bytes: UnsafeBufferPointer<UInt8>) {
        metrics.add(connection.pointee.role == .client ? .bytesFromClients : .bytesFromProviders, bytes.count)
        if connection.pointee.role == .client { noteBusy(connection) }
        if connection.pointee.proto == .http2 {
            receiveHTTP2(connection, bytes)
        } else {
            connection.pointee.input.append(bytes)
            understand(connection)
        }
    }

    /// Lets the codec take what it can from the connection's unread input.
    func understand(_ connection: ConnectionPointer) {
        switch (connection.pointee.proto, connection.pointee.role) {
        case (.http1, .client): understandRequests(connection)
        case (.http1, .upstream): understandResponse(connection)
        case (.http2, _): understandHTTP2(connection)
        default: break
        }
    }

    private func ended(_ connection: ConnectionPointer, clean: Bool) {
        if connection.pointee.role == .upstream, connection.pointee.proto == .http1, responseEndedByClose(connection, clean: clean) {
            return
        }
        // Half-closed clients are treated as gone: nobody who still wants the answer stops listening for it in HTTP/2, and
        // in HTTP/1.1 an abort looks the same.
        closeConnection(connection)
    }

    // MARK: Handshake

    private func handshake(_ connection: ConnectionPointer) -> Bool {
        guard let step = connection.pointee.tls?.handshake() else { return false }
        if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
        if connection.pointee.isClosed { return false }
        switch step {
        case .moved: break
        case .wantsRead:
            if connection.pointee.peerClosed, connection.pointee.tls?.transport.pointee.endOfStream == true { closeConnection(connection) }
            return false
        case .closed, .failed:
            metrics.add(connection.pointee.role == .client ? .handshakesFailed : .upstreamTLSFailed)
            closeConnection(connection)
            return false
        }
        if connection.pointee.role == .client {
            handshakes -= 1
            metrics.add(.handshakes)
            if connection.pointee.tls?.isResumed == true { metrics.add(.handshakesResumed) }
            connection.pointee.identity = connection.pointee.tls?.peerCertificateSubject
        }
        let isHTTP2 = connection.pointee.tls?.alpn == .http2
        if connection.pointee.role == .client {
            if isHTTP2 { startHTTP2(connection) } else { startHTTP1(connection) }
        } else {
            if isHTTP2 { startHTTP2(connection) } else { startHTTP1(connection) }
            connection.pointee.pool?._withUnsafeGuaranteedRef { $0.connected(connection) }
        }
        return !connection.pointee.isClosed
    }

    func startHTTP1(_ connection: ConnectionPointer) {
        connection.pointee.proto = .http1
        connection.pointee.waitingSince = now.milliseconds
    }

    private func startHTTP2(_ connection: ConnectionPointer) {
        connection.pointee.proto = .http2
        connection.pointee.waitingSince = now.milliseconds
        if connection.pointee.role == .client {
            let session = H2Session(serverH2, context: UnsafeMutableRawPointer(connection), now: now.milliseconds)
            connection.pointee.h2 = .passRetained(session)
            if isDraining { session.goaway() }
        } else {
            connection.pointee.upstreamH2 = .passRetained(H2Upstream(.upstream, now: now.milliseconds))
        }
        mark(connection)
    }

    // MARK: Out

    /// Encrypts `bytes` (or copies them, on a plain connection) into ``outgoing``.
    /// - Returns: `false` when the connection is lost.
    func encrypt(_ connection: ConnectionPointer, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !bytes.isEmpty else { return true }
        metrics.add(connection.pointee.role == .client ? .bytesToClients : .bytesToProviders, bytes.count)
        guard let step = connection.pointee.tls?.write(UnsafeRawBufferPointer(bytes)) else {
            outgoing.pointee.append(bytes)
            return true
        }
        return step == .moved(bytes.count)
    }

    /// Sends what ``outgoing`` holds for `connection`; keeps what the socket does not take.
    func sendOutgoing(_ connection: ConnectionPointer) {
        defer { outgoing.pointee.reset(keeping: 1 << 20) }
        if connection.pointee.hasPending {
            connection.pointee.pending.append(outgoing.pointee.bytes)
            return
        }
        let bytes = outgoing.pointee.bytes
        var offset = 0
        while offset < bytes.count {
            let count = send(connection.pointee.fd, bytes.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                offset += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                connection.pointee.pending.append(UnsafeBufferPointer(rebasing: bytes[offset...]))
                connection.pointee.stalledSince = now.milliseconds
                wheel.arm(connection.pointee.timer, at: connectionDeadline(connection))
            default:
                // The reading side will see the error too and close in an orderly way.
                connection.pointee.peerClosed = true
                connection.pointee.drained = false
                connection.pointee.tls?.transport.pointee.drained = false
                connection.pointee.isPaused = false
                readAgain(connection)
            }
            return
        }
    }

    /// - Returns: `true` when nothing is pending any more.
    private func sendPending(_ connection: ConnectionPointer) -> Bool {
        while connection.pointee.hasPending {
            let bytes = connection.pointee.pending.readable
            let count = send(connection.pointee.fd, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            connection.pointee.pending.consume(count)
            connection.pointee.stalledSince = now.milliseconds
        }
        connection.pointee.pending.reset(keeping: 4096)
        connection.pointee.stalledSince = 0
        return true
    }

    func flush(_ connection: ConnectionPointer) {
        guard !connection.pointee.hasPending else { return }  // an EPOLLOUT edge brings us back
        switch (connection.pointee.proto, connection.pointee.role) {
        case (.http1, .client): flushResponses(connection)
        case (.http1, .upstream): flushRequest(connection)
        case (.http2, _): flushHTTP2(connection)
        default: break
        }
        if connection.pointee.isClosed { return }
        if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
        // Marked again means that there is more to say, a GOAWAY for instance; this turn's next flush says it.
        if connection.pointee.closeWhenSent, !connection.pointee.hasPending, !connection.pointee.isDirty { finishClosing(connection) }
    }

    // MARK: Closing

    /// Everything is sent. A client that is still sending gets the chance to read the answer, or the GOAWAY that says which
    /// of its requests were not looked at, before a reset destroys it.
    private func finishClosing(_ connection: ConnectionPointer) {
        guard connection.pointee.role == .client, connection.pointee.proto == .http1 || connection.pointee.proto == .http2, !connection.pointee.isLingering,
            !connection.pointee.peerClosed
        else {
            closeConnection(connection)
            return
        }
        connection.pointee.isLingering = true
        connection.pointee.isPaused = false
        connection.pointee.input.reset(keeping: 64)
        if connection.pointee.tls != nil {
            _ = connection.pointee.tls?.shutdown()
            if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
        }
        Glibc.shutdown(connection.pointee.fd, Int32(SHUT_WR))
        connection.pointee.waitingSince = now.milliseconds
        wheel.arm(connection.pointee.timer, at: connectionDeadline(connection))
        readAgain(connection)
    }

    /// Throws away at most 64 KiB of what a refused client still sends.
    private func linger(_ connection: ConnectionPointer) {
        while connection.pointee.lingered <= 64 << 10 {
            let count = recv(connection.pointee.fd, readBuffer.baseAddress, readBuffer.count, 0)
            if count > 0 {
                connection.pointee.lingered += count
                continue
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            break
        }
        closeConnection(connection)
    }

    /// Ends a connection now. Its exchanges learn it; its memory is freed at the end of the turn.
    func closeConnection(_ connection: ConnectionPointer) {
        guard !connection.pointee.isClosed else { return }
        connection.pointee.isClosed = true
        if connection.pointee.isBroken {
            // A reset, and no close_notify: where only the connection's end ends a body, an orderly one would make it look whole.
            var now = Glibc.linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection.pointee.fd, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<Glibc.linger>.size))
        } else if connection.pointee.tls != nil, !connection.pointee.isLingering, !connection.pointee.hasPending {
            _ = connection.pointee.tls?.shutdown()
            if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
        }
        outgoing.pointee.reset(keeping: 1 << 20)
        wheel.cancel(connection.pointee.timer)
        forgetBuffers(connection)
        connection.pointee.exchange = nil
        if connection.pointee.role == .client {
            if connection.pointee.proto == .handshake { handshakes -= 1 }
            clientConnections.remove(connection)
            sources.leave(connection.pointee.address, now: now.milliseconds)
            metrics.add(.connectionsClosed)
            while let exchange = connection.pointee.exchanges {
                connection.unlink(exchange)
                clientGone(exchange)
            }
        } else {
            upstreamCount -= 1
            connection.pointee.pool?._withUnsafeGuaranteedRef { $0.lost(connection) }
            while let exchange = connection.pointee.exchanges {
                connection.unlink(exchange)
                upstreamLost(exchange, .connectionLost, mayRetry: false)
            }
        }
        Glibc.close(connection.pointee.fd)
        graveyard.append(connection)
    }
}
