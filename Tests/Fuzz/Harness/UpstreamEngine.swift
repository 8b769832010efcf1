import Bytes
import HTTPKit

/// The least an engine does around an ``H2Upstream``: sends requests, takes answers, and keeps account of both.
final class UpstreamEngine {
    private final class Slot: StreamSlot {
        let response = UnsafeMutablePointer<ResponseHead>.allocate(capacity: 1)
        var isUnsent = false
        var code: UInt32 = 0

        override init() {
            response.initialize(to: ResponseHead())
            super.init()
            stream.pointee.response = response
        }

        deinit {
            response.deinitialize(count: 1)
            response.deallocate()
        }
    }

    private let session: H2Upstream
    private let request = UnsafeMutablePointer<RequestHead>.allocate(capacity: 1)
    private let pieceSize: Int
    private let writesLittle: Bool
    private let hasBody: Bool
    private let endsLate: Bool
    private let resets: Bool
    private let detaches: Bool
    private let credits: Bool
    private var slots: [Slot] = []
    private let spare = Slot()
    private var headersWritten = 0

    init(script: UInt8) {
        pieceSize = [1, 10, 64, .max][Int(script & 3)]
        writesLittle = script & 4 != 0
        hasBody = script & 8 != 0
        endsLate = script & 16 != 0
        resets = script & 32 != 0
        detaches = script & 64 != 0
        credits = script & 128 == 0
        request.initialize(to: RequestHead())
        var limits = H2Limits()
        limits.streamWindow = 300
        limits.headerListSize = 2000
        session = H2Upstream(limits, now: 0)
        enter(":method", "POST")
        enter("x-name", "value")
    }

    deinit {
        request.deinitialize(count: 1)
        request.deallocate()
    }

    private func enter(_ name: StaticString, _ value: StaticString) {
        _ = FieldRules.append(
            name: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount),
            value: UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount), to: &request.pointee)
    }

    func serve(_ frames: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let greeting: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]
        try require(greeting.withUnsafeBufferPointer { session.receive($0, now: 1) }, "the greeting is refused")
        for _ in 0..<4 { submit() }
        try write(isFirst: true)
        var start = 0
        var now: UInt64 = 2
        var isAlive = true
        while isAlive, start < frames.count {
            let end = pieceSize < frames.count - start ? start + pieceSize : frames.count
            isAlive = UnsafeBufferPointer(rebasing: frames[start..<end]).withExactPrefix(end - start) { session.receive($0, now: now) }
            try drain()
            if slots.count < 12 { submit() }
            if endsLate { endBodies() }
            try write(isFirst: false)
            start = end
            now += 3
        }
        let takesMore = session.submitRequest(spare.stream, request, path: path, authority: path, dropping: [], length: nil, hasBody: false)
        try require(isAlive || !takesMore, "a request on a dead connection")
        if takesMore { slots.append(spare) }
        for slot in slots where slot.stream.pointee.isOpen { session.reset(slot.stream, .cancel) }
        try write(isFirst: false)
        try require(session.openStreams == slots.count { !$0.isClosed }, "\(session.openStreams) streams are open")
        try require(!isAlive || session.openStreams == 0, "streams are left")
        // The provider saw those that did not close as unsent, and those it gave back itself.
        let sent = slots.count { $0.isClosed && !$0.isUnsent }
        let own = slots.count { $0.isUnsent && $0.code == H2ErrorCode.cancel.rawValue }
        try require(headersWritten >= sent && (!isAlive || headersWritten <= slots.count - own), "\(headersWritten) heads, \(sent) sent, \(own) taken back")
    }

    private var path: UnsafeBufferPointer<UInt8> {
        let text: StaticString = "/send"
        return UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    private func submit() {
        let slot = Slot()
        if hasBody {
            Array("a body of a few octets".utf8).withUnsafeBufferPointer { slot.outgoing.pointee.append($0) }
            slot.stream.pointee.outgoingEnded = !endsLate
        }
        let isTaken = session.submitRequest(slot.stream, request, path: path, authority: path, dropping: [], length: hasBody ? 22 : nil, hasBody: hasBody)
        if isTaken { slots.append(slot) }
    }

    private func endBodies() {
        for slot in slots where slot.stream.pointee.isOpen && !slot.stream.pointee.outgoingEnded {
            slot.stream.pointee.outgoingEnded = true
            session.resume(slot.stream)
        }
    }

    private func drain() throws(Violation) {
        while let event = session.nextEvent() {
            switch event {
            case .head(let stream):
                let slot = try slot(of: stream)
                try require(!slot.isHeadSeen, "two heads on a stream")
                slot.isHeadSeen = true
                slot.isRefused = stream.pointee.fault != nil || FieldRules.finish(&slot.response.pointee, answering: .post) != nil
                if !slot.isRefused { try check(slot.response) }
                if resets { session.reset(stream, .protocolError) }
                if detaches { stream.pointee.detach() }
            case .data(let stream, let count):
                let slot = try slot(of: stream)
                try require(slot.isHeadSeen && !slot.isEnded && count > 0, "\(count) body bytes out of place")
                slot.received += count
                if credits {
                    session.credit(stream, count)
                    session.creditConnection(count)
                } else {
                    try require(slot.received <= 65_535, "\(slot.received) bytes through the window")
                }
            case .end(let stream):
                let slot = try slot(of: stream)
                try require(slot.isHeadSeen && !slot.isEnded, "an end out of place")
                slot.isEnded = true
                if case .length(let length) = slot.response.pointee.framing, !detaches, !slot.isRefused, !slot.response.pointee.isInterim {
                    try require(length == slot.received, "\(slot.received) bytes for an announced \(length)")
                }
            case .wrote(let stream, let count):
                _ = try slot(of: stream)
                try require(count > 0, "nothing written")
            case .sentEnd: throw Violation(description: "an event of servers")
            case .closed(let stream, let code, let unsent):
                let slot = try slot(of: stream)
                try require(!stream.pointee.isOpen, "closed and open")
                slot.isClosed = true
                slot.isUnsent = unsent
                slot.code = code
                try require(!unsent || stream.pointee.outgoing?.pointee.count ?? 0 <= 22, "a body grew")
            case .goaway, .flood: break
            }
        }
        // Only now: several frames of a stream may have come before their events were taken.
        for slot in slots {
            try require(slot.incoming.pointee.count == slot.received, "\(slot.incoming.pointee.count) bytes for \(slot.received)")
        }
    }

    private func slot(of stream: UnsafeMutablePointer<H2Stream>) throws(Violation) -> Slot {
        guard let slot = slots.first(where: { $0.stream == stream }) else { throw Violation(description: "an event for no stream of ours") }
        try require(!slot.isClosed, "an event behind the close")
        return slot
    }

    private func check(_ head: UnsafeMutablePointer<ResponseHead>) throws(Violation) {
        try require((100...599).contains(head.pointee.status), "status \(head.pointee.status)")
        for index in 0..<head.pointee.fields.count {
            let name = head.pointee.fields.name(index), value = head.pointee.fields.value(index)
            try require(!name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") && !(0x41...0x5a).contains($0) }, "a field's name")
            try require(value.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 9 }, "a field's value")
        }
    }

    /// Takes what there is to send, and reads it as the provider would.
    private func write(isFirst: Bool) throws(Violation) {
        var out = GrowableBytes()
        for _ in 0..<(writesLittle ? 1 : 64) {
            let before = out.count
            if !session.write(into: &out, atMost: before + (writesLittle ? 1 : 1000)) { break }
            try require(out.count > before, "more, and nothing")
        }
        try drain()
        var at = isFirst ? 24 : 0
        var open = headersWritten
        while at < out.count {
            try require(at + 9 <= out.count, "half a frame header")
            let length = Int(out[at]) << 16 | Int(out[at + 1]) << 8 | Int(out[at + 2])
            let stream = Int(out[at + 5]) << 24 | Int(out[at + 6]) << 16 | Int(out[at + 7]) << 8 | Int(out[at + 8])
            try require(length <= 16_384 && at + 9 + length <= out.count, "a frame of \(length)")
            switch out[at + 3] {
            case 1:
                try require(stream == 2 * open + 1, "stream \(stream) behind \(open) others")
                open += 1
            case 0, 3: try require(stream & 1 == 1 && stream < 2 * open, "stream \(stream) was never opened")
            case 4, 6, 7: try require(stream == 0, "a connection's frame on \(stream)")
            default: try require(out[at + 3] == 8, "a frame of type \(out[at + 3])")
            }
            at += 9 + length
        }
        headersWritten = open
    }
}
