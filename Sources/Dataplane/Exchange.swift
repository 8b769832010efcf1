import Bytes
public import HTTPKit
public import TLSKit

/// One request as a ``Service`` sees it: what came in, and the verbs that say what becomes of it. Valid during the call that
/// handed it over; to come back to it later, ``park()`` and keep the ticket.
@safe public struct Exchange {
    let pointer: ExchangePointer

    init(_ pointer: ExchangePointer) { self.pointer = pointer }

    private func onWorker<R>(_ body: (Worker) -> R) -> R { pointer.pointee.worker._withUnsafeGuaranteedRef(body) }

    // MARK: What came in

    public var method: HTTPMethod { pointer.pointee.request.pointee.method }
    public var isHTTP2: Bool { pointer.pointee.request.pointee.version == .http2 }

    /// Path and query as sent. Allocates.
    public var target: String { text(pointer.pointee.request.pointee.path) }
    /// `Host` or `:authority` as sent. Allocates.
    public var authority: String { text(pointer.pointee.request.pointee.authority) }

    private func text(_ range: ByteRange) -> String {
        String(decoding: pointer.pointee.request.pointee.fields.bytes(range), as: UTF8.self)
    }

    /// The value of the first field called `name` (lower case), or `nil`. Allocates.
    public func field(_ name: StaticString) -> String? {
        let fields = pointer.pointee.request
        guard let index = fields.pointee.fields.firstIndex(named: name) else { return nil }
        return String(decoding: fields.pointee.fields.value(index), as: UTF8.self)
    }

    /// All fields in their order. Allocates.
    public var fields: [(name: String, value: String)] {
        let block = pointer.pointee.request
        return (0..<block.pointee.fields.count).map {
            (String(decoding: block.pointee.fields.name($0), as: UTF8.self), String(decoding: block.pointee.fields.value($0), as: UTF8.self))
        }
    }

    /// The body received so far; whole in ``Service/requestComplete(_:)``.
    public func withBody<R>(_ body: (Span<UInt8>) -> R) -> R {
        body(pointer.pointee.requestBody.pointee.readable.span)
    }

    /// Where the request came from: `192.0.2.1:4711`. Allocates.
    public var clientAddress: String { pointer.pointee.client?.pointee.address.description ?? "" }
    /// The identity of the client's certificate, if it showed one.
    public var clientIdentity: String? { pointer.pointee.client?.pointee.identity }

    /// A number of the service's own, kept with the request; 0 at its start.
    public var userState: UInt64 {
        get { pointer.pointee.userState }
        nonmutating set { pointer.pointee.userState = newValue }
    }

    // MARK: What the provider answered

    /// Status of the provider's answer, or of our own; 0 before there is one.
    public var status: Int { pointer.pointee.response.pointee.status }

    /// Adds a field to the answer. Only before its head goes out.
    public func addResponseField(_ name: StaticString, _ value: String) {
        _ = pointer.pointee.response.pointee.fields.add(name, value)
    }

    /// Keeps the answer back until it is whole: to be called in ``Service/responseHead(_:)``. Then
    /// ``Service/responseComplete(_:isWhole:)`` follows, and the answer goes on.
    public func holdResponse() { pointer.pointee.holdsResponse = true }

    // MARK: Verbs

    /// Takes the whole body into memory, up to `limit` bytes; then ``Service/requestComplete(_:)`` is called.
    public func receive(limit: Int) {
        onWorker { $0.receive(pointer, limit: limit) }
    }

    /// Answers the request.
    /// - Parameter named: fields whose names, tokens in lower case, are known only at run time.
    public func answer(
        status: Int, contentType: String, body: [UInt8], fields: [(StaticString, String)] = [], named: [(String, String)] = []
    ) {
        // A head that is on its way out is read by the codec until its frame is written.
        guard !pointer.pointee.responseStarted else { return }
        let head = pointer.pointee.response
        head.pointee.begin(status: status)
        if !body.isEmpty || !contentType.isEmpty { _ = head.pointee.fields.add("content-type", contentType) }
        for (name, value) in fields { _ = head.pointee.fields.add(name, value) }
        for (name, value) in named { _ = head.pointee.fields.add(name: name, value) }
        body.withUnsafeBufferPointer { bytes in onWorker { $0.answer(pointer, body: bytes) } }
    }

    /// Passes the request on as it is: the body received so far, or, when nothing was received yet, as it comes.
    /// - Parameter path: the target at the origin; `nil` for the one that came in.
    public func forward(to origin: OriginHandle, path: String? = nil) {
        if let path {
            var copy = path
            guard let range = copy.withUTF8({ pointer.pointee.request.pointee.fields.store($0) }) else {
                onWorker { $0.fail(pointer, .fieldsTooLarge) }
                return
            }
            pointer.pointee.upstreamPath = range
        } else {
            pointer.pointee.upstreamPath = pointer.pointee.request.pointee.path
        }
        onWorker { worker in
            if !pointer.pointee.requestEnded { worker.stream(pointer) }
            worker.forward(pointer, to: origin)
        }
    }

    /// Ends the request without an answer: a reset stream, or a closed connection in HTTP/1.1. How a provider fails.
    public func drop() {
        onWorker { $0.breakResponse(pointer) }
    }

    /// Sets the request aside until the ticket's `resume` is called, from any thread. Then ``Service/resumed(_:_:)`` follows.
    public func park() -> ParkTicket {
        onWorker { worker in
            worker.parked += 1
            worker.enter(pointer, .parked)
            return ParkTicket(mailbox: worker.mailbox, exchange: UInt(bitPattern: pointer), generation: pointer.pointee.generation)
        }
    }
}

/// An origin that a worker keeps connections to.
public struct OriginHandle: Sendable, Hashable {
    let index: Int
}

extension Worker {
    func receive(_ exchange: ExchangePointer, limit: Int) {
        exchange.pointee.bodyLimit = limit
        if case .length(let count) = exchange.pointee.request.pointee.framing, count > limit {
            metrics.add(.limitBodySize)
            withService(exchange) { $0.bodyTooLarge(Exchange(exchange)) }
            return
        }
        if bodies.isNearlySpent {
            metrics.add(.limitBufferedBodies)
            fail(exchange, .overloaded)
            return
        }
        guard let client = exchange.pointee.client else { return }
        if client.pointee.proto == .http2 {
            if limit > 1 << 20 { _ = client.session { $0.widen(exchange.pointee.clientStream, to: 1 << 20) } }
            if exchange.pointee.request.pointee.expectsContinue {
                _ = client.session { $0.submitContinue(exchange.pointee.clientStream) }
            }
            mark(client)
        } else {
            exchange.pointee.sendContinue = exchange.pointee.request.pointee.expectsContinue
            if exchange.pointee.sendContinue { mark(client) }
        }
    }

    /// The body is passed on as it comes.
    func stream(_ exchange: ExchangePointer) {
        exchange.pointee.isStreaming = true
        guard let client = exchange.pointee.client, exchange.pointee.request.pointee.expectsContinue else { return }
        if client.pointee.proto == .http2 {
            _ = client.session { $0.submitContinue(exchange.pointee.clientStream) }
        } else {
            exchange.pointee.sendContinue = true
        }
        mark(client)
    }

    /// The pool for `origin`, made at its first use.
    public func open(_ origin: Origin) throws(TLSProblem) -> OriginHandle {
        if let pool = pools.first(where: { $0.origin == origin }) { return OriginHandle(index: pool.index) }
        let pool = try OriginPool(index: pools.count, origin: origin, worker: self)
        pools.append(pool)
        poolReferences.append(.passUnretained(pool))
        return OriginHandle(index: pool.index)
    }
}
