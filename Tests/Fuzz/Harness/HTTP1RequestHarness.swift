import Bytes
import HTTPKit

/// A connection's input: heads and bodies one behind the other.
///
/// - The reading does not depend on how the bytes arrive.
/// - What was accepted and written anew reads as the same request, and writing that again changes nothing.
/// - A chunked body survives being chunked anew.
enum HTTP1RequestHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        var rest = input
        // Pipelined messages; more than a few are the same again.
        for _ in 0..<4 {
            guard let length = try message(rest) else { return }
            rest = rest.rest(after: length)
        }
    }

    /// - Returns: how many bytes the first message took; `nil` when it is refused or not whole.
    private static func message(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) -> Int? {
        var parser = H1RequestParser()
        var head = RequestHead()
        let step = parser.parse(input, into: &head)
        try require(parse(input, in: [input.count / 3, input.count / 2, input.count]) == step, "the head depends on its pieces")
        if input.count <= 200 {
            try require(parse(input, in: Array(1...max(input.count, 1)).map { min($0, input.count) }) == step, "the head depends on its bytes' arrival")
        }
        guard case .done(let consumed) = step else { return nil }
        try require(consumed >= 16 && consumed <= input.count, "consumed \(consumed) of \(input.count)")
        let path = head.fields.bytes(head.path)
        try require(path.first == UInt8(ascii: "/") && path.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }, "path")
        try require(head.method != .connect && head.method != .trace, "method \(head.method)")
        try checkWriting(head)
        let body = input.rest(after: consumed)
        switch head.framing {
        case .none: return consumed
        case .length(let count):
            try require(count >= 0, "a length of \(count)")
            return count <= body.count ? consumed + count : nil
        case .chunked: return try ChunkedBody.check(body).map { consumed + $0 }
        case .untilEnd: throw Violation(description: "a request until the end")
        }
    }

    private static func parse(_ input: UnsafeBufferPointer<UInt8>, in arrivals: [Int]) -> H1ParseStep {
        var parser = H1RequestParser()
        var head = RequestHead()
        var step = H1ParseStep.needMore
        for count in arrivals {
            step = input.withExactPrefix(count) { parser.parse($0, into: &head) }
            guard step == .needMore else { return step }
        }
        return step
    }

    private static func checkWriting(_ head: borrowing RequestHead) throws(Violation) {
        // What we write may have one field and one cookie line more than what we take.
        var limits = H1Limits.request
        limits.fieldLine = limits.allFields * 2
        limits.allFields = limits.fieldLine
        limits.startLine += 16
        limits.fieldCount += 2
        var written = GrowableBytes(), again = GrowableBytes()
        write(head, into: &written)
        var parser = H1RequestParser(limits: limits)
        var read = RequestHead()
        let step = parser.parse(written.bytes, into: &read)
        try require(step == .done(consumed: written.count), "what was written reads as \(step)")
        write(read, into: &again)
        try require(written.bytes.elementsEqual(again.bytes), "writing changes what was written")
        try require(
            read.fields.bytes(read.methodName).elementsEqual(head.fields.bytes(head.methodName))
                && read.fields.bytes(read.path).elementsEqual(head.fields.bytes(head.path))
                && read.fields.bytes(read.authority).elementsEqual(head.fields.bytes(head.authority)),
            "request line")
        let isEmpty = head.framing == .none || head.framing == .length(0)
        try require(read.framing == head.framing || isEmpty && (read.framing == .none || read.framing == .length(0)), "framing")
    }

    private static func write(_ head: borrowing RequestHead, into out: inout GrowableBytes) {
        H1Writer.request(
            head, target: head.fields.bytes(head.path), host: head.fields.bytes(head.authority), framing: head.framing, into: &out)
    }
}
