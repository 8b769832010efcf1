import Adapters
import Bytes

/// A multipart body, the first byte a choice of parts, the first line the boundary.
///
/// - Written anew from its parts' contents it is the same bytes, so nothing stands in it that was not read.
/// - Without some parts it has the others.
enum MultipartHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        guard let choices = input.first else { return }
        let (line, body) = input.rest(after: 1).firstLine
        let boundary = Array(line)
        let text = Array(body)
        guard let parts = try read(text, boundary) else { return }
        let delimiter = Array("--".utf8) + boundary
        var end = 0
        for part in parts {
            try require(Int(part.range.lower) == end, "a gap before \(part.range)")
            try require(Array(text[part.range.range].prefix(delimiter.count)) == delimiter, "no delimiter at \(part.range)")
            try require(part.content.upper + 2 == part.range.upper && part.name.lower < part.content.lower, "a content at \(part.content)")
            try require(!contains(delimiter, text[part.content.range]), "the boundary inside of a part")
            end = Int(part.range.upper)
        }
        let closing = delimiter + Array("--".utf8)
        try require(Array(text[end...]) == closing || Array(text[end...]) == closing + [0x0d, 0x0a], "bytes behind the last part")
        let cuts = parts.indices.filter { choices & (1 << UInt8($0 & 7)) != 0 }
        guard !cuts.isEmpty, cuts.count < parts.count else { return }
        var tape = MultipartTape()
        var ranges: [ByteRange] = []
        do throws(BodyFault) { try tape.scan(text.span, boundary: boundary.span) } catch { throw Violation(description: "\(error) the second time") }
        tape.appendCuts(cuts, to: &ranges)
        let rest = try AddressListHarness.take(ranges, outOf: text)
        let left = try read(rest, boundary)
        let kept = parts.indices.filter { !cuts.contains($0) }.map { Array(text[parts[$0].range.range]) }
        try require(left?.map { Array(rest[$0.range.range]) } == kept, "other parts are left")
    }

    private static func read(_ body: [UInt8], _ boundary: [UInt8]) throws(Violation) -> [MultipartPart]? {
        var tape = MultipartTape()
        do throws(BodyFault) { try tape.scan(body.span, boundary: boundary.span) } catch {
            try require(error.offset <= body.count && tape.count == 0, "a fault at \(error.offset) of \(body.count)")
            return nil
        }
        let parts = tape.parts
        for index in parts.indices { _ = tape.match(index, "to", in: body.span) }
        return parts
    }

    private static func contains(_ needle: [UInt8], _ text: ArraySlice<UInt8>) -> Bool {
        guard text.count >= needle.count else { return false }
        return (text.startIndex...(text.endIndex - needle.count)).contains { text[$0..<($0 + needle.count)].elementsEqual(needle) }
    }
}
