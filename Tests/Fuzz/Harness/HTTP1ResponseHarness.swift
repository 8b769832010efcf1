import Bytes
import HTTPKit

/// An answer of a provider: interim heads, a head, perhaps chunks.
///
/// - The reading does not depend on how the bytes arrive.
/// - What was accepted and written anew reads as the same answer, and writing that again changes nothing.
enum HTTP1ResponseHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        for method in [HTTPMethod.post, .head] { try answers(input, to: method) }
    }

    private static func answers(_ input: UnsafeBufferPointer<UInt8>, to method: HTTPMethod) throws(Violation) {
        var parser = H1ResponseParser()
        var rest = input
        var interims = 0
        while true {
            var head = ResponseHead()
            var other = ResponseHead()
            // The same state, the same bytes, in two pieces.
            var slow = parser
            let cut = rest.count / 2
            let step = parser.parse(rest, answering: method, into: &head)
            var piecewise = rest.withExactPrefix(cut) { slow.parse($0, answering: method, into: &other) }
            if piecewise == .needMore { piecewise = rest.withExactPrefix(rest.count) { slow.parse($0, answering: method, into: &other) } }
            try require(step == piecewise, "the head depends on its pieces: \(step), \(piecewise)")
            guard case .done(let consumed) = step else { return }
            try require((100...599).contains(head.status) && head.status != 101, "status \(head.status)")
            try require(consumed <= rest.count && consumed >= 16, "consumed \(consumed)")
            try require(head.framing != .untilEnd || !head.keepAlive, "kept alive behind a body without an end")
            try checkWriting(head, method)
            rest = rest.rest(after: consumed)
            if !head.isInterim {
                if head.framing == .chunked { _ = try ChunkedBody.check(rest) }
                return
            }
            interims += 1
            try require(interims <= H1ResponseParser.interimLimit, "\(interims) interim heads")
        }
    }

    private static func checkWriting(_ head: borrowing ResponseHead, _ method: HTTPMethod) throws(Violation) {
        var limits = H1Limits.response
        limits.allFields += 256
        limits.fieldLine = limits.allFields
        limits.fieldCount += 4
        var written = GrowableBytes(), again = GrowableBytes()
        let sent = write(head, method, into: &written)
        var parser = H1ResponseParser(limits: limits)
        var read = ResponseHead(fieldLimit: 300, byteLimit: 1 << 17)
        let step = parser.parse(written.bytes, answering: method, into: &read)
        try require(step == .done(consumed: written.count), "what was written reads as \(step)")
        try require(read.status == head.status, "status \(read.status) for \(head.status)")
        try require(read.framing == sent.framing, "framing \(read.framing) for \(sent.framing)")
        // An interim head says nothing about the connection's end.
        try require(head.isInterim || read.keepAlive == sent.keepAlive, "keep-alive \(read.keepAlive) for \(sent.keepAlive)")
        _ = write(read, method, into: &again)
        try require(written.bytes.elementsEqual(again.bytes), "writing changes what was written")
    }

    private static func write(
        _ head: borrowing ResponseHead, _ method: HTTPMethod, into out: inout GrowableBytes
    ) -> (framing: BodyFraming, keepAlive: Bool) {
        let framing = head.framing == .none ? head.contentLength.map { .length($0) } ?? .none : head.framing
        return Array("Thu, 01 Jan 1970 00:00:00 GMT".utf8).withUnsafeBufferPointer {
            H1Writer.response(
                status: head.status, fields: head.fields, framing: framing, client: .http11, answering: method,
                keepAlive: head.keepAlive, date: $0, into: &out)
        }
    }
}
