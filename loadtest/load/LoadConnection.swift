import Bytes
import Glibc
import HTTPKit
import TLSKit

/// One connection of the generator: TCP, TLS, then HTTP/2 or HTTP/1.1, whichever was negotiated.
final class LoadConnection {
    enum Phase { case connecting, handshake, ready, closed }

    let fd: Int32
    let startedAt: UInt64
    /// Says nothing after its handshake.
    let isIdle: Bool
    unowned(unsafe) let worker: LoadWorker
    private(set) var phase = Phase.connecting
    private var tls: TLSStream?
    private var session: H2Upstream?
    private var parser = H1ResponseParser()
    private var chunks: ChunkedDecoder?
    /// HTTP/1.1: body bytes still to come; `nil` until the head is there.
    private var bodyLeft: Int?
    private var input = GrowableBytes(capacity: 4096)
    /// Ciphertext the socket did not take.
    private var pending = GrowableBytes(capacity: 64)
    private var plain = GrowableBytes(capacity: 4096)
    /// Requests under way, by identity.
    private(set) var slots: [ObjectIdentifier: Slot] = [:]
    private(set) var served = 0
    var isDirty = false

    init(fd: Int32, worker: LoadWorker, isIdle: Bool) {
        self.fd = fd
        self.worker = worker
        self.isIdle = isIdle
        startedAt = Clock.now()
        tls = worker.context.connect(fd: fd, origin: worker.origin, output: worker.outgoing)
    }

    var isResumed: Bool { tls?.isResumed ?? false }

    /// How many more requests it takes now.
    var room: Int {
        guard phase == .ready, !isIdle, pending.isEmpty else { return 0 }
        if let limit = worker.step.requestsPerConnection, served + slots.count >= limit { return 0 }
        guard let session else { return slots.isEmpty ? 1 : 0 }
        return max(0, min(worker.step.streams, session.peerConcurrentStreams) - slots.count)
    }

    // MARK: Events

    func ready(readable: Bool, writable: Bool, hungUp: Bool) {
        guard phase != .closed else { return }
        if hungUp { tls?.transport.pointee.peerClosed = true }
        if writable, !pending.isEmpty { sendPending() }
        tls?.transport.pointee.drained = false
        if phase == .connecting, writable || readable || hungUp {
            var problem: Int32 = 0
            var size = socklen_t(4)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size)
            guard problem == 0 else { return close(.connect) }
            phase = .handshake
        }
        if phase == .handshake { handshake() }
        if phase == .ready, readable || hungUp { read() }
    }

    private func handshake() {
        guard let step = tls?.handshake() else { return }
        sendOutgoing()
        switch step {
        case .moved: break
        case .wantsRead: return
        case .closed, .failed: return close(.handshake)
        }
        phase = .ready
        if tls?.alpn == .http2 {
            session = H2Upstream(worker.limits, now: Clock.now() / 1_000_000)
            worker.mark(self)
        }
        worker.connected(self)
        if phase == .ready { read() }
    }

    private func read() {
        while phase == .ready {
            guard let step = tls?.read(into: worker.readBuffer) else { return }
            sendOutgoing()
            switch step {
            case .moved(let count):
                let bytes = UnsafeBufferPointer(rebasing: UnsafeRawBufferPointer(worker.readBuffer).bindMemory(to: UInt8.self)[..<count])
                if let session {
                    guard session.receive(bytes, now: Clock.now() / 1_000_000) else { return close(.protocol) }
                    handleEvents(session)
                } else {
                    input.append(bytes)
                    understand()
                }
                worker.mark(self)
            case .wantsRead: return
            case .closed, .failed: return close(.closed)
            }
        }
    }

    // MARK: Requests

    func send(_ slot: Slot, _ request: PreparedRequest) -> Bool {
        slot.request = request
        slot.connection = self
        slot.isDone = false
        slot.sent = Clock.now()
        if let session {
            slot.load(request)
            guard session.submitRequest(
                slot.stream, request.head, path: request.path, authority: request.authority, dropping: HeaderTokenSet(),
                length: request.body.count, hasBody: true)
            else { return false }
        } else {
            slot.head.pointee.reset()
            parser.reset()
            bodyLeft = nil
            chunks = nil
            plain.append(request.http1)
        }
        slots[ObjectIdentifier(slot)] = slot
        worker.mark(self)
        return true
    }

    private func finish(_ slot: Slot, status: Int) {
        guard !slot.isDone else { return }
        slot.isDone = true
        served += 1
        worker.answered(slot, status: status)
    }

    private func release(_ slot: Slot) {
        guard slots.removeValue(forKey: ObjectIdentifier(slot)) != nil else { return }
        worker.released(slot)
        if let limit = worker.step.requestsPerConnection, served >= limit, slots.isEmpty { close(nil) }
    }

    // MARK: HTTP/2

    private func handleEvents(_ session: H2Upstream) {
        while phase == .ready, let event = session.nextEvent() {
            switch event {
            case .data(let stream, let count):
                session.creditConnection(count)
                session.credit(stream, count)
                Slot.of(stream)?.dropBody()
            case .end(let stream):
                if let slot = Slot.of(stream) { finish(slot, status: slot.head.pointee.status) }
            case .closed(let stream, _, _):
                guard let slot = Slot.of(stream) else { continue }
                if !slot.isDone {
                    slot.isDone = true
                    served += 1
                    worker.failed(slot, .reset)
                }
                release(slot)
            case .goaway: return close(slots.isEmpty ? nil : .closed)
            case .head, .wrote, .sentEnd, .flood: break
            }
        }
    }

    // MARK: HTTP/1.1

    private func understand() {
        while phase == .ready, !input.isEmpty, let slot = slots.first?.value {
            if bodyLeft == nil, chunks == nil {
                switch parser.parse(input.bytes, answering: .post, into: &slot.head.pointee) {
                case .needMore: return
                case .failed: return close(.protocol)
                case .done(let consumed):
                    input.removeFirst(consumed)
                    if slot.head.pointee.isInterim { continue }
                    switch slot.head.pointee.framing {
                    case .none: bodyLeft = 0
                    case .length(let count): bodyLeft = count
                    case .chunked: chunks = ChunkedDecoder()
                    case .untilEnd: return close(.protocol)
                    }
                }
            }
            guard consumeBody() else { return }
            finish(slot, status: slot.head.pointee.status)
            release(slot)
        }
    }

    /// - Returns: whether the whole body has come.
    private func consumeBody() -> Bool {
        if let left = bodyLeft {
            let count = min(left, input.count)
            input.removeFirst(count)
            bodyLeft = left - count
            return left == count
        }
        var at = 0
        while true {
            switch chunks?.decode(UnsafeBufferPointer(rebasing: input.bytes[at...])) {
            case .payload(let range): at += range.upperBound
            case .done(let consumed):
                input.removeFirst(at + consumed)
                return true
            case .needMore:
                input.reset()
                return false
            case .failed, nil:
                close(.protocol)
                return false
            }
        }
    }

    // MARK: Out

    /// Writes what there is to say, once a turn.
    func flush() {
        guard phase == .ready, pending.isEmpty else { return }
        if let session {
            var hasMore = true
            while hasMore, pending.isEmpty {
                plain.reset(keeping: 1 << 20)
                hasMore = session.write(into: &plain, atMost: 64 << 10)
                guard encrypt() else { return close(.protocol) }
                handleEvents(session)
                guard phase == .ready else { return }
            }
            plain.reset(keeping: 1 << 20)
            if hasMore { worker.mark(self) }
        } else if !plain.isEmpty {
            guard encrypt() else { return close(.protocol) }
            plain.reset(keeping: 1 << 20)
        }
    }

    private func encrypt() -> Bool {
        guard !plain.isEmpty else { return true }
        guard tls?.write(UnsafeRawBufferPointer(plain.bytes)) == .moved(plain.count) else { return false }
        sendOutgoing()
        return true
    }

    private func sendOutgoing() {
        let outgoing = worker.outgoing
        guard !outgoing.pointee.isEmpty else { return }
        defer { outgoing.pointee.reset(keeping: 1 << 20) }
        var bytes = outgoing.pointee.bytes
        if pending.isEmpty {
            while !bytes.isEmpty {
                let count = Glibc.send(fd, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                if count < 0 { break }
                bytes = UnsafeBufferPointer(rebasing: bytes[count...])
            }
        }
        pending.append(bytes)
    }

    private func sendPending() {
        while !pending.isEmpty {
            let count = Glibc.send(fd, pending.bytes.baseAddress, pending.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EINTR { continue }
            if count < 0 { return }
            pending.removeFirst(count)
        }
        worker.mark(self)
    }

    // MARK: The end

    /// - Parameter failure: why the requests under way fail; `nil` when there are none.
    func close(_ failure: Tally.Failure?) {
        guard phase != .closed else { return }
        let wasUp = phase == .ready
        phase = .closed
        if wasUp { _ = tls?.shutdown() }
        sendOutgoing()
        for slot in slots.values {
            if !slot.isDone { worker.failed(slot, failure ?? .closed) }
            worker.released(slot)
        }
        slots.removeAll()
        session = nil
        tls = nil
        Glibc.close(fd)
        worker.closed(self, wasUp: wasUp, failure: failure)
    }
}
