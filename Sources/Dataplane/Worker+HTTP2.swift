import Bytes
import HTTPKit

extension UnsafeMutablePointer where Pointee == Connection {
    /// A client opened a stream: gives it an exchange of the pool.
    func openServerStream() -> UnsafeMutableRawPointer? {
        onWorker { UnsafeMutableRawPointer($0.newExchange(self).pointee.clientStream) }
    }
}

private func exchange(_ stream: UnsafeMutablePointer<H2Stream>) -> ExchangePointer {
    stream.pointee.owner.unsafelyUnwrapped.assumingMemoryBound(to: ExchangeState.self)
}

/// HTTP/2 connections, both directions.
extension Worker {
    func receiveHTTP2(_ connection: ConnectionPointer, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard connection.pointee.input.isEmpty else {
            connection.pointee.input.append(bytes)
            understandHTTP2(connection)
            return
        }
        let taken = feed(connection, bytes)
        if taken < bytes.count, !connection.pointee.isClosed {
            connection.pointee.input.append(UnsafeBufferPointer(rebasing: bytes[taken...]))
            readAgain(connection)
        }
    }

    func understandHTTP2(_ connection: ConnectionPointer) {
        if connection.pointee.role == .client { _ = connection.session { $0.beginTurn() } }
        let taken = feed(connection, connection.pointee.input.readable)
        if connection.pointee.isClosed { return }
        connection.pointee.input.consume(taken)
        if !connection.pointee.input.isEmpty { readAgain(connection) }
    }

    /// Lets the session read `bytes`, in slices, until the turn's share of frames and requests is used up.
    /// - Returns: how many bytes were taken.
    private func feed(_ connection: ConnectionPointer, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var offset = 0
        while offset < bytes.count {
            let hasShare = connection.pointee.role == .upstream
                || connection.session { $0.hasShare(frames: limits.framesPerTurn, requests: limits.requestsPerTurn) } == true
            guard hasShare else { break }
            let end = min(offset + 4096, bytes.count)
            let slice = UnsafeBufferPointer(rebasing: bytes[offset..<end])
            let alive = connection.pointee.role == .upstream
                ? connection.upstreamSession { $0.receive(slice, now: now.milliseconds) }
                : connection.session { $0.receive(slice, now: now.milliseconds) }
            offset = end
            handleEvents(connection)
            if connection.pointee.isClosed { return offset }
            if alive != true {
                // The session may have a GOAWAY to say before the end.
                connection.pointee.closeWhenSent = true
                mark(connection)
                return bytes.count
            }
        }
        if connection.session({ $0.headersSince }) ?? 0 > 0 {
            wheel.arm(connection.pointee.timer, at: connectionDeadline(connection))
        }
        return offset
    }

    func flushHTTP2(_ connection: ConnectionPointer) {
        if connection.pointee.role == .upstream {
            recallUnsent(connection)
        } else {
            // A new turn, a new share.
            _ = connection.session { $0.beginTurn() }
        }
        var total = 0
        while true {
            plain.reset(keeping: 256 << 10)
            let result = write(connection)
            if result == .failed || !encrypt(connection, plain.bytes) {
                closeConnection(connection)
                return
            }
            total += plain.count
            if result == .idle { break }
            if outgoing.pointee.count >= 128 << 10 {
                sendOutgoing(connection)
                if connection.pointee.hasPending { break }
            }
            if total >= 512 << 10 {
                mark(connection)
                break
            }
        }
        // Before anything else happens: events may make another connection speak, and `outgoing` is shared.
        if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
        handleEvents(connection)
        if connection.pointee.isClosed { return }
        let isFinished = connection.pointee.role == .upstream
            ? connection.upstreamSession { $0.isFinished } : connection.session { $0.isFinished }
        if isFinished == true { connection.pointee.closeWhenSent = true }
    }

    /// Lets the session fill ``plain``.
    private func write(_ connection: ConnectionPointer) -> H2Session.WriteResult {
        if connection.pointee.role == .upstream {
            return connection.upstreamSession { $0.write(into: &plain, atMost: 16 << 10) ? .more : .idle } ?? .failed
        }
        return connection.session { $0.write(into: &plain, atMost: 16 << 10) } ?? .failed
    }

    private func handleEvents(_ connection: ConnectionPointer) {
        if connection.pointee.role == .upstream {
            while !connection.pointee.isClosed, let event = connection.upstreamSession({ $0.nextEvent() }) ?? nil {
                upstreamEvent(connection, event)
            }
        } else {
            while !connection.pointee.isClosed, let event = connection.session({ $0.nextEvent() }) ?? nil {
                clientEvent(connection, event)
            }
        }
    }

    // MARK: Client side

    private func clientEvent(_ connection: ConnectionPointer, _ event: H2Event) {
        switch event {
        case .head(let stream):
            let exchange = exchange(stream)
            // Given up while its head was still arriving.
            guard exchange.pointee.phase == .receiving else { return }
            metrics.add(.requestsHTTP2)
            connection.pointee.requestsServed += 1
            let fault = stream.pointee.fault ?? FieldRules.finish(&exchange.pointee.request.pointee)
            if let fault {
                refuseHTTP2(connection, exchange, fault)
                return
            }
            // The whole message may have come in one read; then its body is here already.
            if stream.pointee.incomingEnded, exchange.pointee.requestBody.pointee.isEmpty {
                exchange.pointee.request.pointee.framing = .none
            }
            requestHead(exchange)
            if connection.pointee.requestsServed == limits.requestsPerConnection { retire(connection, .limitRequestsPerConnection) }
        case .data(let stream, let count): requestData(exchange(stream), count)
        case .end(let stream): requestEnded(exchange(stream))
        case .wrote(let stream, let count): responseConsumed(exchange(stream), count)
        case .sentEnd(let stream):
            // The answer is complete while the client still uploads: it can stop.
            _ = connection.session { $0.reset(stream, .noError) }
            mark(connection)
        case .closed(let stream, _, _):
            let exchange = exchange(stream)
            connection.unlink(exchange)
            if connection.pointee.exchangeCount == 0 {
                connection.pointee.waitingSince = now.milliseconds
                wheel.arm(connection.pointee.timer, at: connectionDeadline(connection))
            }
            clientGone(exchange)
        case .goaway: break
        case .flood(let flood): cut(connection, flood)
        }
    }

    /// Ends a connection gracefully: no new streams, the open ones finish.
    func retire(_ connection: ConnectionPointer, _ cause: Counter) {
        guard !connection.pointee.isDraining else { return }
        metrics.add(cause)
        connection.pointee.isDraining = true
        _ = connection.session { $0.goaway() }
        mark(connection)
    }

    private func refuseHTTP2(_ connection: ConnectionPointer, _ exchange: ExchangePointer, _ fault: HTTPFault) {
        metrics.add(.malformedRequests)
        switch fault {
        case .fieldsTooLarge, .tooManyFields, .fieldLineTooLong, .requestLineTooLong, .hostMismatch, .expectation,
            .connectRefused, .traceRefused:
            _ = connection.session { $0.countGlitch() }
            if fault == .fieldsTooLarge { metrics.add(.limitHeaderList) }
            refuse(exchange, status: fault.status, fault.rawValue)
        default:
            _ = connection.session { $0.reset(exchange.pointee.clientStream, .protocolError) }
            // The reset is the answer: whatever of the message comes before it is out concerns nobody.
            enter(exchange, .answered)
            mark(connection)
        }
    }

    private func cut(_ connection: ConnectionPointer, _ flood: H2Flood) {
        let counter: Counter =
            switch flood {
            case .resets: .floodResets
            case .glitches: .floodGlitches
            case .settings: .floodSettings
            case .pings: .floodPings
            case .streams: .floodStreams
            case .emptyFrames: .floodEmptyFrames
            case .windowUpdates: .floodWindowUpdates
            case .priority: .floodPriority
            case .headerList: .limitHeaderList
            case .continuations: .floodContinuations
            }
        if flood == .streams {
            retire(connection, counter)
            return
        }
        metrics.add(counter)
        _ = connection.session { $0.terminate(.enhanceYourCalm) }
        connection.pointee.isPaused = true
        connection.pointee.closeWhenSent = true
        mark(connection)
    }

    // MARK: Provider side

    /// Looks once more at sends that wait on this connection for the provider's flow control, if an opt-out may have come
    /// since. One that must not go is reset: without its body the provider cannot have acted on it, so it is judged anew and
    /// answered, or sent on without whoever opted out.
    private func recallUnsent(_ connection: ConnectionPointer) {
        var version: UInt64 = 0
        for service in services { version &+= service.verdictVersion }
        guard connection.pointee.verdictVersion != version else { return }
        connection.pointee.verdictVersion = version
        var next = connection.pointee.exchanges
        while let exchange = next {
            next = exchange.pointee.upstreamNext
            guard exchange.pointee.phase == .sent, !exchange.pointee.isStreaming, !exchange.pointee.responseReady,
                exchange.pointee.upstreamStream.pointee.isOpen, exchange.pointee.requestBody.pointee.consumed == 0,
                !exchange.pointee.requestBody.pointee.isEmpty, !withService(exchange, { $0.stillStands(Exchange(exchange)) })
            else { continue }
            exchange.pointee.isRecalled = true
            _ = connection.upstreamSession { $0.reset(exchange.pointee.upstreamStream, .cancel) }
        }
    }

    private func upstreamEvent(_ connection: ConnectionPointer, _ event: H2Event) {
        switch event {
        case .head(let stream):
            let exchange = exchange(stream)
            guard exchange.pointee.phase == .sent else { return }
            let fault = stream.pointee.fault
                ?? FieldRules.finish(&exchange.pointee.response.pointee, answering: exchange.pointee.request.pointee.method)
            if fault != nil {
                metrics.add(.upstreamMalformed)
                _ = connection.upstreamSession { $0.reset(stream, .protocolError) }
                mark(connection)
                abandonUpstream(exchange, .malformedResponse)
                return
            }
            if stream.pointee.incomingEnded, exchange.pointee.responseBody.pointee.isEmpty {
                exchange.pointee.response.pointee.framing = .none
            }
            responseHead(exchange)
        case .data(let stream, let count):
            // The connection's window is credited at once: one slow client must not stall all others on it.
            _ = connection.upstreamSession { $0.creditConnection(count) }
            responseData(exchange(stream))
        case .end(let stream): responseEnded(exchange(stream))
        case .wrote(let stream, let count): requestConsumed(exchange(stream), count)
        case .sentEnd: break
        case .closed(let stream, _, let unsent):
            let exchange = exchange(stream)
            connection.unlink(exchange)
            exchange.pointee.upstream = nil
            connection.pointee.waitingSince = now.milliseconds
            connection.pointee.pool?._withUnsafeGuaranteedRef { $0.streamEnded(connection) }
            if exchange.pointee.responseEnded {
                recycleIfDone(exchange)
            } else {
                upstreamLost(exchange, .connectionLost, mayRetry: unsent || exchange.pointee.isRecalled)
            }
        case .goaway: connection.pointee.pool?._withUnsafeGuaranteedRef { $0.goaway(connection) }
        case .flood: closeConnection(connection)
        }
    }
}
