import Bytes
import HTTPKit
import TLSKit

/// The life of a request, whatever protocol carries it. The codecs call in with what happened; the verbs of ``Exchange``
/// call in with what the service wants.
extension Worker {
    // MARK: Pool

    func newExchange(_ connection: ConnectionPointer) -> ExchangePointer {
        let exchange: ExchangePointer
        if let free = freeExchanges {
            exchange = free
            freeExchanges = free.pointee.next
            exchange.pointee.next = nil
        } else {
            exchange = .allocate(capacity: 1)
            exchange.initialize(to: ExchangeState(worker: self))
            exchange.pointee.timer.pointee.owner = UnsafeMutableRawPointer(exchange)
            exchange.pointee.timer.pointee.kind = .exchange
        }
        exchangesInUse += 1
        exchange.pointee.client = connection
        exchange.pointee.service = connection.pointee.service
        exchange.pointee.startedAt = now
        exchange.pointee.lastBodyAt = now.milliseconds
        let stream = exchange.pointee.clientStream
        stream.pointee.request = exchange.pointee.request
        stream.pointee.incoming = exchange.pointee.requestBody
        stream.pointee.outgoing = exchange.pointee.responseBody
        stream.pointee.owner = UnsafeMutableRawPointer(exchange)
        connection.link(exchange)
        enter(exchange, .receiving)
        return exchange
    }

    func enter(_ exchange: ExchangePointer, _ phase: ExchangeState.Phase) {
        exchange.pointee.phase = phase
        exchange.pointee.phaseSince = now.milliseconds
        // Few phases outlast the shortest limit: a timer that fires within it need not know which limit this one has.
        let isNew = phase != .receiving || exchange.pointee.startedAt.milliseconds == now.milliseconds
        if isNew, !exchange.pointee.isStreaming, wheel.covers(exchange.pointee.timer, now.milliseconds + shortestLimit) { return }
        wheel.arm(exchange.pointee.timer, at: exchangeDeadline(exchange))
    }

    /// Gives the exchange back to the pool once neither side, no queue and no parked work knows it any more.
    func recycleIfDone(_ exchange: ExchangePointer) {
        guard exchange.pointee.client == nil, exchange.pointee.upstream == nil, !exchange.pointee.isQueued,
            exchange.pointee.phase != .parked, exchange.pointee.phase != .free
        else { return }
        // Its timer stays armed for the request that comes next; in the pool it fires in vain.
        withService(exchange) { $0.finished(Exchange(exchange)) }
        buffered -= exchange.pointee.budgeted
        if exchange.pointee.budgeted > 0 { bodies.release(exchange.pointee.budgeted) }
        exchange.pointee.reset()
        exchange.pointee.next = freeExchanges
        freeExchanges = exchange
        exchangesInUse -= 1
    }

    @inline(__always)
    func withService<R>(_ exchange: ExchangePointer, _ body: (Service) -> R) -> R {
        exchange.pointee.service.unsafelyUnwrapped._withUnsafeGuaranteedRef(body)
    }

    // MARK: The request comes in

    func requestHead(_ exchange: ExchangePointer) {
        exchange.pointee.isHead = exchange.pointee.request.pointee.method == .head
        if isMisdirected(exchange) {
            metrics.add(.misdirectedRequests)
            fail(exchange, .misdirected)
            return
        }
        withService(exchange) { $0.requestHead(Exchange(exchange)) }
    }

    /// A request whose Host is not the name the TLS handshake was about belongs to somebody else (RFC 9110 section 15.5.20).
    private func isMisdirected(_ exchange: ExchangePointer) -> Bool {
        guard let connection = exchange.pointee.client, connection.pointee.tls != nil else { return false }
        let request = exchange.pointee.request
        let host = UnsafeBufferPointer(rebasing: request.pointee.fields.bytes(request.pointee.authority)[..<request.pointee.hostCount])
        if connection.pointee.tls?.isServerName(host) == true { return false }
        return connection.pointee.tls?.serverName.isEmpty == false
    }

    /// `count` body bytes have been appended to the exchange's request body.
    func requestData(_ exchange: ExchangePointer, _ count: Int) {
        exchange.pointee.requestReceived += count
        exchange.pointee.lastBodyAt = now.milliseconds
        if exchange.pointee.isStreaming, exchange.pointee.phase != .answered {
            exchange.pointee.uncredited += count
            if let upstream = exchange.pointee.upstream {
                _ = upstream.upstreamSession { $0.resume(exchange.pointee.upstreamStream) }
                mark(upstream)
            }
            return
        }
        creditClient(exchange, count)
        guard exchange.pointee.phase == .receiving else {
            // Already answered: the rest of the body is of no use.
            exchange.pointee.requestBody.pointee.reset(keeping: 64 << 10)
            return
        }
        if exchange.pointee.requestBody.pointee.count > exchange.pointee.bodyLimit {
            metrics.add(.limitBodySize)
            withService(exchange) { $0.bodyTooLarge(Exchange(exchange)) }
            return
        }
        charge(exchange, count)
    }

    /// Books `count` bytes on the process's body budget; over it, the request is refused.
    func charge(_ exchange: ExchangePointer, _ count: Int) {
        exchange.pointee.budgeted += count
        buffered += count
        if !bodies.charge(count) {
            metrics.add(.limitBufferedBodies)
            fail(exchange, .overloaded)
        }
    }

    private func creditClient(_ exchange: ExchangePointer, _ count: Int) {
        guard let client = exchange.pointee.client, client.pointee.proto == .http2 else { return }
        _ = client.session {
            $0.creditConnection(count)
            if !exchange.pointee.requestEnded { $0.credit(exchange.pointee.clientStream, count) }
        }
        mark(client)
    }

    /// A streamed body is credited as it goes out. What will never go out has to be credited too, or the connection's window
    /// closes a little with every upload that is cut short.
    private func creditUnread(_ exchange: ExchangePointer) {
        guard exchange.pointee.isStreaming, let client = exchange.pointee.client, client.pointee.proto == .http2,
            !client.pointee.isClosed
        else { return }
        _ = client.session { $0.creditConnection(exchange.pointee.uncredited) }
        exchange.pointee.uncredited = 0
        mark(client)
    }

    func requestEnded(_ exchange: ExchangePointer) {
        guard !exchange.pointee.requestEnded else { return }
        exchange.pointee.requestEnded = true
        if exchange.pointee.isStreaming {
            exchange.pointee.upstreamStream.pointee.outgoingEnded = true
            if let upstream = exchange.pointee.upstream {
                _ = upstream.upstreamSession { $0.resume(exchange.pointee.upstreamStream) }
                mark(upstream)
            }
        } else if exchange.pointee.phase == .receiving {
            withService(exchange) { $0.requestComplete(Exchange(exchange)) }
        }
    }

    /// Body bytes have gone to the provider's codec: a streaming client may send as many more.
    func requestConsumed(_ exchange: ExchangePointer, _ count: Int) {
        guard exchange.pointee.isStreaming else { return }
        exchange.pointee.streamedOut += count
        guard let client = exchange.pointee.client else { return }
        if client.pointee.proto == .http2 {
            let due = min(count, exchange.pointee.uncredited)
            exchange.pointee.uncredited -= due
            creditClient(exchange, due)
        } else if client.pointee.isPaused, exchange.pointee.requestBody.pointee.count < 64 << 10 {
            client.pointee.isPaused = false
            readAgain(client)
        }
    }

    // MARK: The request goes out

    /// Hands a decided request to its origin's pool.
    func forward(_ exchange: ExchangePointer, to origin: OriginHandle) {
        guard exchange.pointee.client != nil else {
            recycleIfDone(exchange)
            return
        }
        let pool = poolReferences[origin.index]
        exchange.pointee.pool = pool
        // A buffered request can be offered again if a provider is known not to have taken it.
        if !exchange.pointee.isStreaming { exchange.pointee.requestBody.pointee.keepsConsumed = true }
        enter(exchange, .queued)
        pool._withUnsafeGuaranteedRef { $0.submit(exchange) }
    }

    /// Puts the request on `connection`. The service's last look comes first: nothing has left yet.
    /// - Returns: `false` when the connection cannot take it; the exchange is still queued then.
    func assign(_ exchange: ExchangePointer, to connection: ConnectionPointer) -> Bool {
        guard exchange.pointee.client != nil else {
            recycleIfDone(exchange)
            return true
        }
        guard withService(exchange, { $0.willSend(Exchange(exchange)) }) else { return true }
        let framing = exchange.pointee.request.pointee.framing
        // A request without a body is whole although its end has not been announced yet.
        let bodyIsKnown = !exchange.pointee.isStreaming || exchange.pointee.requestEnded || framing == .none || framing == .length(0)
        let length: Int?
        if bodyIsKnown {
            length = exchange.pointee.requestBody.pointee.count
        } else if case .length(let announced) = framing {
            length = announced
        } else {
            length = nil
        }
        exchange.pointee.bodyLength = length
        exchange.pointee.upstreamStream.pointee.outgoingEnded = bodyIsKnown
        if connection.pointee.proto == .http2 {
            guard submitHTTP2(exchange, connection, length) else {
                // The last look may have moved it on.
                enter(exchange, .queued)
                return false
            }
        } else {
            connection.pointee.exchange = exchange
            connection.pointee.responseParser.reset()
        }
        exchange.pointee.upstream = connection
        exchange.pointee.sentAt = now
        connection.link(exchange)
        enter(exchange, .sent)
        mark(connection)
        return true
    }

    private func submitHTTP2(_ exchange: ExchangePointer, _ connection: ConnectionPointer, _ length: Int?) -> Bool {
        let stream = exchange.pointee.upstreamStream
        stream.pointee.response = exchange.pointee.response
        stream.pointee.incoming = exchange.pointee.responseBody
        stream.pointee.outgoing = exchange.pointee.requestBody
        stream.pointee.owner = UnsafeMutableRawPointer(exchange)
        let hasBody = length != 0
        let request = exchange.pointee.request
        let authority = exchange.pointee.pool.unsafelyUnwrapped._withUnsafeGuaranteedRef { $0.authority }
        return connection.upstreamSession {
            $0.submitRequest(
                stream, request, path: request.pointee.fields.bytes(exchange.pointee.upstreamPath), authority: authority,
                dropping: exchange.pointee.droppedFields,
                length: hasBody || request.pointee.method.expectsBody ? length : nil, hasBody: hasBody)
        } ?? false
    }

    // MARK: The answer comes in

    /// The provider's final response head is complete.
    func responseHead(_ exchange: ExchangePointer) {
        guard exchange.pointee.phase == .sent, exchange.pointee.client != nil else { return }
        metrics.upstream.record(microseconds: now.since(exchange.pointee.sentAt))
        exchange.pointee.response.pointee.fields.withhold(.stopgate)
        withService(exchange) { $0.responseHead(Exchange(exchange)) }
        exchange.pointee.responseReady = true
        // The end event may be on its way already; knowing it now saves an empty DATA frame.
        if exchange.pointee.upstreamStream.pointee.incomingEnded { exchange.pointee.clientStream.pointee.outgoingEnded = true }
        if !exchange.pointee.holdsResponse { respond(exchange) }
    }

    /// Body bytes of the answer have been appended to the exchange's response body.
    func responseData(_ exchange: ExchangePointer) {
        // Once we have answered ourselves, the queue holds our answer and none of theirs.
        guard exchange.pointee.phase == .sent else { return }
        guard let client = exchange.pointee.client else {
            exchange.pointee.responseBody.pointee.reset(keeping: 64 << 10)
            return
        }
        withService(exchange) { $0.responseData(Exchange(exchange)) }
        if exchange.pointee.holdsResponse {
            holdResponse(exchange)
            return
        }
        _ = client.session { $0.resume(exchange.pointee.clientStream) }
        mark(client)
    }

    func responseEnded(_ exchange: ExchangePointer) {
        guard exchange.pointee.phase == .sent, !exchange.pointee.responseEnded else { return }
        exchange.pointee.responseEnded = true
        exchange.pointee.clientStream.pointee.outgoingEnded = true
        guard let client = exchange.pointee.client else { return }
        if exchange.pointee.holdsResponse {
            letGo(exchange, isWhole: true)
            return
        }
        _ = client.session { $0.resume(exchange.pointee.clientStream) }
        mark(client)
    }

    /// The client's codec has taken `count` bytes of the answer: the provider may send as many more.
    func responseConsumed(_ exchange: ExchangePointer, _ count: Int) {
        exchange.pointee.responseSent += count
        // What was held has been credited as it came.
        let credited = min(count, exchange.pointee.heldBytes)
        exchange.pointee.heldBytes -= credited
        let count = count - credited
        guard let upstream = exchange.pointee.upstream, !exchange.pointee.responseEnded else { return }
        if upstream.pointee.proto == .http2 {
            let wants = upstream.upstreamSession {
                $0.credit(exchange.pointee.upstreamStream, count)
                return $0.wantsWrite
            }
            if wants == true { mark(upstream) }
        } else if upstream.pointee.isPaused, exchange.pointee.responseBody.pointee.count < limits.bufferedResponse / 2 {
            upstream.pointee.isPaused = false
            readAgain(upstream)
        }
    }

    // MARK: Answers

    /// Starts sending the response head, and whatever body is there, to the client.
    func respond(_ exchange: ExchangePointer) {
        guard let client = exchange.pointee.client else {
            recycleIfDone(exchange)
            return
        }
        if client.pointee.proto == .http2 {
            exchange.pointee.responseStarted = true
            let head = exchange.pointee.response
            let isEmpty = exchange.pointee.clientStream.pointee.outgoingEnded && exchange.pointee.responseBody.pointee.isEmpty
            let hasBody = !isEmpty && head.pointee.framing != .none && !exchange.pointee.isHead
            let accepted = client.session {
                $0.submitResponse(exchange.pointee.clientStream, head.pointee, length: head.pointee.contentLength, hasBody: hasBody)
            }
            if accepted != true { _ = client.session { $0.reset(exchange.pointee.clientStream, .internalError) } }
        }
        mark(client)
    }

    /// Answers a request ourselves. The head must have been begun; `body` is copied.
    func answer(_ exchange: ExchangePointer, body: UnsafeBufferPointer<UInt8>) {
        guard !exchange.pointee.responseStarted, exchange.pointee.phase != .free else { return }
        enter(exchange, .answered)
        exchange.pointee.holdsResponse = false
        // A provider that is still talking must not write into our answer.
        exchange.pointee.upstreamStream.pointee.detach()
        exchange.pointee.responseBody.pointee.reset(keeping: 64 << 10)
        exchange.pointee.responseBody.pointee.append(body)
        exchange.pointee.response.pointee.setLength(body.count)
        if exchange.pointee.request.pointee.version == .http2 {
            date.withBytes { _ = exchange.pointee.response.pointee.fields.add("date", $0) }
        }
        exchange.pointee.responseReady = true
        exchange.pointee.responseEnded = true
        exchange.pointee.clientStream.pointee.outgoingEnded = true
        if let client = exchange.pointee.client, !exchange.pointee.requestEnded, !client.pointee.bodyIsOver(exchange) {
            // The rest of the upload is not wanted; let it drain so that the client reads the answer.
            creditUnread(exchange)
            exchange.pointee.requestBody.pointee.reset(keeping: 64 << 10)
            if client.pointee.proto == .http1 { client.pointee.isDraining = true }
        }
        if exchange.pointee.isHead { exchange.pointee.responseBody.pointee.reset(keeping: 64 << 10) }
        respond(exchange)
    }

    /// Refuses a request that never reached a service: in JSON that says why.
    func refuse(_ exchange: ExchangePointer, status: Int, _ reason: String) {
        exchange.pointee.response.pointee.begin(status: status)
        _ = exchange.pointee.response.pointee.fields.add("content-type", "application/json")
        _ = exchange.pointee.response.pointee.fields.add("x-should-retry", "false")
        var text = GrowableBytes(capacity: 160)
        text.append(#"{"error":"stopgate refused the request","reason":""#)
        text.append(reason)
        text.append(#"","status":"#)
        text.append(decimal: status)
        text.append("}")
        answer(exchange, body: text.bytes)
    }

    /// The engine gives up on the request; the service words the answer.
    func fail(_ exchange: ExchangePointer, _ failure: ExchangeFailure) {
        guard exchange.pointee.phase != .answered, exchange.pointee.phase != .free else { return }
        withService(exchange) { $0.failed(Exchange(exchange), failure) }
    }

    // MARK: Losses

    /// The client's stream or connection is over, in whichever way.
    func clientGone(_ exchange: ExchangePointer) {
        let isWhole = exchange.pointee.responseEnded && exchange.pointee.responseBody.pointee.isEmpty
        if !isWhole { metrics.add(.clientAborted) }
        creditUnread(exchange)
        exchange.pointee.client = nil
        cancelUpstream(exchange)
        recycleIfDone(exchange)
    }

    private func cancelUpstream(_ exchange: ExchangePointer) {
        guard let upstream = exchange.pointee.upstream else { return }
        if upstream.pointee.proto == .http2 {
            // Closed in the session's own time; the exchange stays until then.
            _ = upstream.upstreamSession { $0.reset(exchange.pointee.upstreamStream, .cancel) }
            mark(upstream)
        } else {
            closeConnection(upstream)
        }
    }

    /// Stops waiting for a provider that will not answer in time or in form.
    func abandonUpstream(_ exchange: ExchangePointer, _ failure: ExchangeFailure) {
        if exchange.pointee.responseStarted {
            breakResponse(exchange)
        } else {
            fail(exchange, failure)
        }
        cancelUpstream(exchange)
    }

    /// The provider's side of the exchange is lost before the answer was complete.
    /// - Parameter mayRetry: the provider is known not to have seen the request.
    func upstreamLost(_ exchange: ExchangePointer, _ failure: ExchangeFailure, mayRetry: Bool) {
        exchange.pointee.upstream = nil
        guard exchange.pointee.client != nil, exchange.pointee.phase == .sent else {
            recycleIfDone(exchange)
            return
        }
        metrics.add(.upstreamBroken)
        // As long as nothing of the answer has gone out, an error can take its place.
        if exchange.pointee.responseStarted {
            breakResponse(exchange)
            return
        }
        let hasWholeBody = !exchange.pointee.isStreaming || exchange.pointee.streamedOut == 0
        if mayRetry, !exchange.pointee.responseReady, hasWholeBody, exchange.pointee.retries < 3, let pool = exchange.pointee.pool {
            exchange.pointee.retries += 1
            exchange.pointee.isRecalled = false
            metrics.add(.upstreamRetriesSafe)
            exchange.pointee.requestBody.pointee.rewind()
            exchange.pointee.response.pointee.reset()
            exchange.pointee.upstreamStream.pointee = H2Stream()
            enter(exchange, .queued)
            pool._withUnsafeGuaranteedRef { $0.submit(exchange) }
            return
        }
        fail(exchange, failure)
    }

    /// The answer is cut off after its head went out: the client must see that, so its stream or connection breaks.
    func breakResponse(_ exchange: ExchangePointer) {
        guard let client = exchange.pointee.client else {
            recycleIfDone(exchange)
            return
        }
        if client.pointee.proto == .http2 {
            _ = client.session { $0.reset(exchange.pointee.clientStream, .internalError) }
            mark(client)
        } else {
            client.pointee.isBroken = true
            closeConnection(client)
        }
    }

    // MARK: Parking

    func resume(_ exchange: ExchangePointer, _ result: ParkResult) {
        parked -= 1
        enter(exchange, .receiving)
        guard exchange.pointee.client != nil else {
            recycleIfDone(exchange)
            return
        }
        withService(exchange) { $0.resumed(Exchange(exchange), result) }
    }
}
