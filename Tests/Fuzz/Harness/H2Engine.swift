import Bytes
import HTTPKit

/// The least an engine does around an ``H2Session``: gives it streams, answers requests, takes bodies, sends what there is.
final class H2Engine {
    private final class Slot: StreamSlot {
        let request = UnsafeMutablePointer<RequestHead>.allocate(capacity: 1)
        var answer = ResponseHead()
        var owesBody = false

        override init() {
            request.initialize(to: RequestHead())
            super.init()
            stream.pointee.request = request
        }

        deinit {
            request.deinitialize(count: 1)
            request.deallocate()
        }
    }

    private let pieceSize: Int
    private let answersAtHead: Bool
    private let answersWithBody: Bool
    private let resets: Bool
    private let detaches: Bool
    private let refuses: Bool
    private let window: Int
    private let answersLate: Bool
    private let continues: Bool
    private let widens: Bool
    private let shutsDown: Bool
    private var slots: [Slot] = []

    init(script: UInt8, manners: UInt8) {
        pieceSize = [1, 9, 64, .max][Int(script & 3)]
        answersAtHead = script & 4 != 0
        answersWithBody = script & 8 != 0
        resets = script & 16 != 0
        detaches = script & 32 != 0
        refuses = script & 64 != 0
        window = script & 128 != 0 ? 300 : 1 << 16
        answersLate = manners & 1 != 0
        continues = manners & 2 != 0
        widens = manners & 4 != 0
        shutsDown = manners & 8 != 0
    }

    func open() -> UnsafeMutableRawPointer? {
        if refuses, slots.count % 3 == 2 { return nil }
        let slot = Slot()
        slots.append(slot)
        return UnsafeMutableRawPointer(slot.stream)
    }

    func serve(_ session: H2Session, _ frames: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
        guard preface.withUnsafeBufferPointer({ session.receive($0, now: 1) }) else {
            throw Violation(description: "the preface is refused")
        }
        var out = GrowableBytes()
        var start = 0
        var now: UInt64 = 2
        var isAlive = true
        while isAlive, start < frames.count {
            let end = pieceSize < frames.count - start ? start + pieceSize : frames.count
            session.beginTurn()
            isAlive = session.receive(UnsafeBufferPointer(rebasing: frames[start..<end]), now: now)
            if try drain(session) { isAlive = false }
            if shutsDown, start == 0 { session.announceShutdown() }
            isAlive = try send(session, &out) && isAlive
            if try drain(session) { isAlive = false }
            payBodies(session)
            start = end
            now += 3
        }
        // A peer that goes away: the engine ends the session and everything on it.
        for slot in slots where slot.stream.pointee.isOpen { session.reset(slot.stream, .cancel) }
        session.terminate(.noError)
        _ = try send(session, &out)
        _ = try drain(session)
        let open = slots.count { !$0.isClosed && $0.stream.pointee.isOpen }
        try require(session.openStreams == open, "\(session.openStreams) streams are open, we hold \(open)")
    }

    /// - Returns: whether the connection has to end.
    private func drain(_ session: H2Session) throws(Violation) -> Bool {
        var isFlooded = false
        while let event = session.nextEvent() {
            switch event {
            case .head(let stream):
                let slot = try slot(of: stream)
                try require(!slot.isHeadSeen, "two heads on a stream")
                slot.isHeadSeen = true
                slot.isRefused = stream.pointee.fault != nil || FieldRules.finish(&slot.request.pointee) != nil
                if slot.isRefused { session.countGlitch() } else { try check(slot.request) }
                if continues, slot.request.pointee.expectsContinue { session.submitContinue(stream) }
                if widens { session.widen(stream, to: 1 << 20) }
                if detaches { stream.pointee.detach() }
                if answersAtHead || slot.isRefused { try answer(slot, session) }
            case .data(let stream, let count):
                let slot = try slot(of: stream)
                try require(slot.isHeadSeen && !slot.isEnded && count >= 0, "\(count) body bytes out of place")
                slot.received += count
                session.credit(stream, count)
                session.creditConnection(count)
            case .end(let stream):
                let slot = try slot(of: stream)
                try require(slot.isHeadSeen && !slot.isEnded, "an end out of place")
                slot.isEnded = true
                if !detaches {
                    try require(slot.incoming.pointee.count == slot.received, "\(slot.incoming.pointee.count) bytes for \(slot.received)")
                }
                if case .length(let length) = slot.request.pointee.framing, !detaches, !slot.isRefused {
                    try require(length == slot.received, "\(slot.received) bytes for an announced \(length)")
                }
                if !answersAtHead { try answer(slot, session) }
            case .wrote(let stream, _): _ = try slot(of: stream)
            case .sentEnd(let stream):
                // The answer is out and the client still sends: as the engine does, ask it to stop.
                _ = try slot(of: stream)
                session.reset(stream, .noError)
            case .closed(let stream, _, _):
                let slot = try slot(of: stream)
                try require(!stream.pointee.isOpen, "closed and open")
                slot.isClosed = true
            case .goaway: session.goaway()
            case .flood:
                isFlooded = true
                session.terminate(.enhanceYourCalm)
            }
        }
        return isFlooded
    }

    private func slot(of stream: UnsafeMutablePointer<H2Stream>) throws(Violation) -> Slot {
        guard let slot = slots.first(where: { $0.stream == stream }) else { throw Violation(description: "an event for no stream of ours") }
        try require(!slot.isClosed, "an event behind the close")
        return slot
    }

    private func answer(_ slot: Slot, _ session: H2Session) throws(Violation) {
        guard slot.stream.pointee.isOpen else { return }
        if resets { return session.reset(slot.stream, .refusedStream) }
        guard slot.answer.status == 0 else { return }
        slot.answer.begin(status: slot.isRefused ? 400 : 201)
        slot.owesBody = answersWithBody
        if !answersLate { pay(slot) }
        _ = session.submitResponse(slot.stream, slot.answer, length: answersWithBody ? 13 : nil, hasBody: answersWithBody)
    }

    private func pay(_ slot: Slot) {
        guard slot.owesBody else { return }
        slot.owesBody = false
        Array("{\"sid\":\"SM1\"}".utf8).withUnsafeBufferPointer { slot.outgoing.pointee.append($0) }
        slot.stream.pointee.outgoingEnded = true
    }

    /// The bodies that were not there yet when their answers began.
    private func payBodies(_ session: H2Session) {
        for slot in slots where slot.owesBody && slot.stream.pointee.isOpen {
            pay(slot)
            session.resume(slot.stream)
        }
    }

    private func send(_ session: H2Session, _ out: inout GrowableBytes) throws(Violation) -> Bool {
        for _ in 0..<64 {
            out.truncate(to: 0)
            let result = session.write(into: &out, atMost: window)
            try require(out.count <= window + 16_384 + 9 + 65_536, "\(out.count) bytes at once for \(window)")
            if result != .more { return result == .idle }
        }
        return false
    }

    private func check(_ head: UnsafeMutablePointer<RequestHead>) throws(Violation) {
        let path = head.pointee.fields.bytes(head.pointee.path)
        try require(path.first == UInt8(ascii: "/") && path.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }, "path")
        try require(!head.pointee.fields.bytes(head.pointee.authority).isEmpty, "no authority")
        try require(head.pointee.method != .connect && head.pointee.method != .trace, "method")
        // As an HTTP/1.1 head it is one head and no more.
        var written = GrowableBytes()
        let framing: BodyFraming = head.pointee.framing == .untilEnd ? .chunked : head.pointee.framing
        H1Writer.request(head.pointee, target: path, host: head.pointee.fields.bytes(head.pointee.authority), framing: framing, into: &written)
        var limits = H1Limits.request
        limits.allFields = 1 << 17
        limits.fieldLine = 1 << 17
        limits.fieldCount = 220
        var parser = H1RequestParser(limits: limits)
        var read = RequestHead(fieldLimit: 220, byteLimit: 1 << 18)
        let step = parser.parse(written.bytes, into: &read)
        try require(step == .done(consumed: written.count), "as HTTP/1.1 it reads as \(step)")
        try require(read.fields.bytes(read.path).elementsEqual(path), "another path in HTTP/1.1")
    }
}
