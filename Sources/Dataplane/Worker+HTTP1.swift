import Bytes
import HTTPKit
import TLSKit

/// HTTP/1.1 connections, both directions. One exchange at a time; pipelined requests wait in the input, unread, until the
/// one before them is answered.
extension Worker {
    // MARK: Requests in

    func understandRequests(_ connection: ConnectionPointer) {
        while !connection.pointee.isClosed {
            if connection.pointee.closeWhenSent {
                connection.pointee.input.reset(keeping: 64)
                return
            }
            if let exchange = connection.pointee.exchange {
                if exchange.pointee.requestEnded {
                    // The next request's bytes wait; a client that pushes on is held back.
                    if connection.pointee.input.count >= 64 << 10 { connection.pointee.isPaused = true }
                    return
                }
                guard readBody(connection, exchange) else { return }
            } else {
                guard readHead(connection) else { return }
            }
        }
    }

    /// - Returns: `true` when a head was read and more may follow.
    private func readHead(_ connection: ConnectionPointer) -> Bool {
        if connection.pointee.input.isEmpty { return false }
        if connection.pointee.isDraining {
            connection.pointee.closeWhenSent = true
            mark(connection)
            return false
        }
        if !connection.pointee.isReadingHead {
            connection.pointee.isReadingHead = true
            connection.pointee.waitingSince = now.milliseconds
            limit(connection, to: limits.headTime)
        }
        // The head is parsed into the exchange that will carry it; a connection keeps that exchange while the head arrives.
        let exchange = connection.pointee.partial ?? newExchange(connection)
        connection.pointee.partial = exchange
        let step = connection.pointee.requestParser.parse(connection.pointee.input.readable, into: &exchange.pointee.request.pointee)
        switch step {
        case .needMore: return false
        case .failed(let fault):
            metrics.add(.malformedRequests)
            connection.pointee.partial = nil
            connection.pointee.exchange = exchange
            connection.pointee.isDraining = true
            exchange.pointee.requestEnded = true
            connection.pointee.input.reset(keeping: 64)
            refuse(exchange, status: fault.status, fault.rawValue)
            return false
        case .done(let consumed):
            connection.pointee.input.consume(consumed)
            connection.pointee.partial = nil
            connection.pointee.isReadingHead = false
            connection.pointee.exchange = exchange
            exchange.pointee.startedAt = now
            exchange.pointee.lastBodyAt = now.milliseconds
            enter(exchange, .receiving)
            metrics.add(.requestsHTTP1)
            connection.pointee.requestsServed += 1
            switch exchange.pointee.request.pointee.framing {
            case .length(let count): connection.pointee.bodyLeft = count
            case .chunked: connection.pointee.chunks = ChunkedDecoder()
            case .none, .untilEnd: connection.pointee.bodyLeft = 0
            }
            requestHead(exchange)
            if !connection.pointee.isClosed, connection.pointee.exchange == exchange, connection.pointee.bodyIsOver(exchange) {
                requestEnded(exchange)
            }
            return true
        }
    }

    /// - Returns: `true` when the body is complete and the input may hold more.
    private func readBody(_ connection: ConnectionPointer, _ exchange: ExchangePointer) -> Bool {
        if connection.pointee.input.isEmpty { return false }
        if exchange.pointee.isStreaming, exchange.pointee.requestBody.pointee.count >= 256 << 10 {
            connection.pointee.isPaused = true
            return false
        }
        if case .chunked = exchange.pointee.request.pointee.framing { return readChunks(connection, exchange) }
        let count = min(connection.pointee.bodyLeft, connection.pointee.input.count)
        exchange.pointee.requestBody.pointee.append(UnsafeBufferPointer(rebasing: connection.pointee.input.readable[..<count]))
        connection.pointee.input.consume(count)
        connection.pointee.bodyLeft -= count
        requestData(exchange, count)
        if connection.pointee.isClosed { return false }
        guard connection.pointee.bodyLeft == 0 else { return !connection.pointee.input.isEmpty }
        requestEnded(exchange)
        return true
    }

    private func readChunks(_ connection: ConnectionPointer, _ exchange: ExchangePointer) -> Bool {
        let input = connection.pointee.input.readable
        switch connection.pointee.chunks.decode(input) {
        case .payload(let range):
            exchange.pointee.requestBody.pointee.append(UnsafeBufferPointer(rebasing: input[range]))
            connection.pointee.input.consume(range.upperBound)
            requestData(exchange, range.count)
            return !connection.pointee.isClosed
        case .needMore:
            connection.pointee.input.consume(input.count)
            return false
        case .done(let consumed):
            connection.pointee.input.consume(consumed)
            requestEnded(exchange)
            return true
        case .failed(let fault):
            metrics.add(.malformedRequests)
            connection.pointee.isDraining = true
            exchange.pointee.requestEnded = true
            connection.pointee.input.reset(keeping: 64)
            if exchange.pointee.isStreaming {
                // Part of it has been passed on: neither side may take it for a whole request.
                closeConnection(connection)
            } else {
                refuse(exchange, status: fault.status, fault.rawValue)
            }
            return false
        }
    }

    // MARK: Answers out

    func flushResponses(_ connection: ConnectionPointer) {
        var total = 0
        while let exchange = connection.pointee.exchange, total < 512 << 10 {
            plain.reset(keeping: 256 << 10)
            if exchange.pointee.sendContinue {
                exchange.pointee.sendContinue = false
                plain.append(H1Writer.continueResponse)
            }
            var isOver = false
            if exchange.pointee.responseReady, !exchange.pointee.holdsResponse { isOver = writeAnswer(connection, exchange) }
            total += plain.count
            guard encrypt(connection, plain.bytes) else {
                closeConnection(connection)
                return
            }
            if isOver {
                if !outgoing.pointee.isEmpty { sendOutgoing(connection) }
                finishAnswer(connection, exchange)
                if connection.pointee.isClosed || connection.pointee.closeWhenSent { return }
                continue
            }
            if plain.isEmpty { break }
            if outgoing.pointee.count >= 128 << 10 {
                sendOutgoing(connection)
                if connection.pointee.hasPending { return }
            }
        }
        if total >= 512 << 10 { mark(connection) }
    }

    /// Writes the head, once, and at most 16 KiB of body into ``plain``.
    /// - Returns: `true` when the answer is complete.
    private func writeAnswer(_ connection: ConnectionPointer, _ exchange: ExchangePointer) -> Bool {
        let response = exchange.pointee.response
        if !exchange.pointee.responseStarted {
            exchange.pointee.responseStarted = true
            var framing = response.pointee.framing
            if exchange.pointee.isHead, let length = response.pointee.contentLength { framing = .length(length) }
            let keepAlive = exchange.pointee.request.pointee.keepAlive && exchange.pointee.requestEnded && !connection.pointee.isDraining && !isDraining
                && connection.pointee.requestsServed < limits.requestsPerConnection
            let sent = date.withBytes {
                H1Writer.response(
                    status: response.pointee.status, fields: response.pointee.fields, framing: framing,
                    client: exchange.pointee.request.pointee.version, answering: exchange.pointee.request.pointee.method,
                    keepAlive: keepAlive, date: $0, into: &plain)
            }
            exchange.pointee.sentFraming = sent.framing
            if !sent.keepAlive { connection.pointee.isDraining = true }
        }
        if case .none = exchange.pointee.sentFraming {
            exchange.pointee.responseBody.pointee.reset(keeping: 64 << 10)
            return exchange.pointee.responseEnded
        }
        let body = exchange.pointee.responseBody
        let count = min(body.pointee.count, 16 << 10)
        let bytes = UnsafeBufferPointer(rebasing: body.pointee.readable[..<count])
        if case .chunked = exchange.pointee.sentFraming { H1Writer.chunk(bytes, into: &plain) } else { plain.append(bytes) }
        body.pointee.consume(count)
        if count > 0 { responseConsumed(exchange, count) }
        guard exchange.pointee.responseEnded, body.pointee.isEmpty else { return false }
        if case .chunked = exchange.pointee.sentFraming { plain.append(H1Writer.lastChunk) }
        return true
    }

    private func finishAnswer(_ connection: ConnectionPointer, _ exchange: ExchangePointer) {
        if !exchange.pointee.requestEnded { connection.pointee.isDraining = true }
        connection.pointee.exchange = nil
        connection.unlink(exchange)
        clientGone(exchange)
        if connection.pointee.isClosed { return }
        connection.pointee.waitingSince = now.milliseconds
        if connection.pointee.isDraining {
            connection.pointee.closeWhenSent = true
            return
        }
        limit(connection, to: limits.idleTime)
        connection.pointee.isPaused = false
        if connection.pointee.input.isEmpty {
            connection.pointee.input.reset(keeping: 16 << 10)
            if connection.pointee.tls?.hasBuffered ?? !connection.pointee.drained { readAgain(connection) }
        } else {
            // A pipelined request: its turn comes with the next turn, so that nobody else waits for a long pipeline.
            readAgain(connection)
        }
    }

    // MARK: Requests out

    func flushRequest(_ connection: ConnectionPointer) {
        guard let exchange = connection.pointee.exchange, !exchange.pointee.bodySent else { return }
        var total = 0
        while total < 512 << 10 {
            plain.reset(keeping: 256 << 10)
            let request = exchange.pointee.request
            let body = exchange.pointee.requestBody
            if !exchange.pointee.headSent {
                exchange.pointee.headSent = true
                let framing: BodyFraming = exchange.pointee.bodyLength.map { $0 == 0 ? .none : .length($0) } ?? .chunked
                let host = exchange.pointee.pool.unsafelyUnwrapped._withUnsafeGuaranteedRef { $0.authority }
                H1Writer.request(
                    request.pointee, target: request.pointee.fields.bytes(exchange.pointee.upstreamPath), host: host,
                    framing: framing, dropping: exchange.pointee.droppedFields, into: &plain)
            }
            let count = min(body.pointee.count, 16 << 10)
            let bytes = UnsafeBufferPointer(rebasing: body.pointee.readable[..<count])
            if exchange.pointee.bodyLength == nil { H1Writer.chunk(bytes, into: &plain) } else { plain.append(bytes) }
            body.pointee.consume(count)
            if exchange.pointee.upstreamStream.pointee.outgoingEnded, body.pointee.isEmpty {
                if exchange.pointee.bodyLength == nil { plain.append(H1Writer.lastChunk) }
                exchange.pointee.bodySent = true
            }
            total += plain.count
            guard encrypt(connection, plain.bytes) else {
                closeConnection(connection)
                return
            }
            if count > 0 { requestConsumed(exchange, count) }
            if exchange.pointee.bodySent || count == 0 { return }
            if outgoing.pointee.count >= 128 << 10 {
                sendOutgoing(connection)
                if connection.pointee.hasPending { return }
            }
        }
        mark(connection)
    }

    // MARK: Answers in

    func understandResponse(_ connection: ConnectionPointer) {
        while !connection.pointee.isClosed, !connection.pointee.input.isEmpty {
            guard let exchange = connection.pointee.exchange else {
                // A provider that speaks unasked cannot be trusted with the next request.
                closeConnection(connection)
                return
            }
            if !exchange.pointee.responseReady {
                guard readResponseHead(connection, exchange) else { return }
            } else {
                if exchange.pointee.responseBody.pointee.count >= limits.bufferedResponse, !exchange.pointee.holdsResponse {
                    connection.pointee.isPaused = true
                    return
                }
                guard readResponseBody(connection, exchange) else { return }
            }
        }
    }

    private func readResponseHead(_ connection: ConnectionPointer, _ exchange: ExchangePointer) -> Bool {
        let response = exchange.pointee.response
        let step = connection.pointee.responseParser.parse(
            connection.pointee.input.readable, answering: exchange.pointee.request.pointee.method, into: &response.pointee)
        switch step {
        case .needMore: return false
        case .failed:
            metrics.add(.upstreamMalformed)
            endUpstream(connection, exchange, failure: .malformedResponse)
            return false
        case .done(let consumed):
            connection.pointee.input.consume(consumed)
            if response.pointee.isInterim {
                response.pointee.reset()
                return true
            }
            switch response.pointee.framing {
            case .length(let count): connection.pointee.bodyLeft = count
            case .chunked: connection.pointee.chunks = ChunkedDecoder()
            case .none, .untilEnd: connection.pointee.bodyLeft = 0
            }
            let isOver = response.pointee.framing == .none || response.pointee.framing == .length(0)
            responseHead(exchange)
            if connection.pointee.isClosed || connection.pointee.exchange != exchange { return false }
            if isOver { finishResponse(connection, exchange) }
            return true
        }
    }

    private func readResponseBody(_ connection: ConnectionPointer, _ exchange: ExchangePointer) -> Bool {
        let input = connection.pointee.input.readable
        var payload = 0..<min(input.count, 16 << 10)
        var isOver = false
        switch exchange.pointee.response.pointee.framing {
        case .chunked:
            switch connection.pointee.chunks.decode(input) {
            case .payload(let range): payload = range
            case .needMore:
                connection.pointee.input.consume(input.count)
                return false
            case .done(let consumed):
                connection.pointee.input.consume(consumed)
                finishResponse(connection, exchange)
                return true
            case .failed:
                metrics.add(.upstreamMalformed)
                endUpstream(connection, exchange, failure: .malformedResponse)
                return false
            }
        case .length:
            payload = 0..<min(payload.upperBound, connection.pointee.bodyLeft)
            connection.pointee.bodyLeft -= payload.count
            isOver = connection.pointee.bodyLeft == 0
        case .none, .untilEnd: break
        }
        exchange.pointee.responseBody.pointee.append(UnsafeBufferPointer(rebasing: input[payload]))
        connection.pointee.input.consume(payload.upperBound)
        responseData(exchange)
        if connection.pointee.isClosed { return false }
        if isOver { finishResponse(connection, exchange) }
        return true
    }

    /// The answer is whole: the connection goes back to its pool if both sides are where they should be.
    private func finishResponse(_ connection: ConnectionPointer, _ exchange: ExchangePointer) {
        let isReusable = exchange.pointee.response.pointee.keepAlive && exchange.pointee.bodySent && connection.pointee.input.isEmpty
            && exchange.pointee.response.pointee.framing != .untilEnd && !connection.pointee.hasPending
        responseEnded(exchange)
        if connection.pointee.isClosed { return }
        connection.pointee.exchange = nil
        connection.unlink(exchange)
        exchange.pointee.upstream = nil
        if isReusable {
            connection.pointee.waitingSince = now.milliseconds
            connection.pointee.pool?._withUnsafeGuaranteedRef { $0.idle(connection) }
        } else {
            closeConnection(connection)
        }
        recycleIfDone(exchange)
    }

    private func endUpstream(_ connection: ConnectionPointer, _ exchange: ExchangePointer, failure: ExchangeFailure) {
        connection.pointee.exchange = nil
        connection.unlink(exchange)
        upstreamLost(exchange, failure, mayRetry: false)
        closeConnection(connection)
    }

    /// The provider closed. That ends a body that nothing else ends, if the close was an orderly one.
    /// - Returns: `true` when the connection has been dealt with.
    func responseEndedByClose(_ connection: ConnectionPointer, clean: Bool) -> Bool {
        guard clean, let exchange = connection.pointee.exchange, exchange.pointee.responseReady,
            exchange.pointee.response.pointee.framing == .untilEnd
        else { return false }
        responseEnded(exchange)
        if connection.pointee.isClosed { return true }
        connection.pointee.exchange = nil
        connection.unlink(exchange)
        exchange.pointee.upstream = nil
        closeConnection(connection)
        recycleIfDone(exchange)
        return true
    }
}
