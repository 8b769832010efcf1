import Bytes

/// Reads the head of one part of a multipart body: the header lines and the blank line behind them.
struct PartHeadReader {
    /// Where the next byte is read; behind the blank line once the head has been read.
    private(set) var at: Int
    /// The part's Content-Length, if it has one.
    private(set) var length: Int?
    private let start: Int
    private let limit: Int
    private var hasDisposition = false
    private var hasType = false
    private var hasEncoding = false

    /// - Parameter limit: the head must end before this offset.
    init(at start: Int, limit: Int) {
        (self.start, at, self.limit) = (start, start, limit)
    }

    mutating func read(_ body: Span<UInt8>) throws(BodyFault) -> MultipartPart {
        var part = MultipartPart(range: ByteRange(at..<at), name: ByteRange(at..<at), content: ByteRange(at..<at))
        while let line = try line(body) {
            var colon = line.lowerBound
            while colon < line.upperBound, body[colon] != UInt8(ascii: ":") { colon += 1 }
            guard colon < line.upperBound else { throw BodyFault(.badPartHead, at: line.lowerBound) }
            let name = body.extracting(line.lowerBound..<colon)
            let value = Self.trimmed(body, (colon + 1)..<line.upperBound)
            if ASCIIText.caselessEqual(name, "content-disposition".utf8.span) {
                guard !hasDisposition else { throw BodyFault(.badPartHead, at: line.lowerBound) }
                hasDisposition = true
                var reader = DispositionReader(at: value.lowerBound, end: value.upperBound)
                try reader.read(body, into: &part)
            } else if ASCIIText.caselessEqual(name, "content-type".utf8.span) {
                guard !hasType, !value.isEmpty else { throw BodyFault(.badPartHead, at: line.lowerBound) }
                hasType = true
                try readType(body, value, into: &part)
            } else if ASCIIText.caselessEqual(name, "content-transfer-encoding".utf8.span) {
                guard !hasEncoding else { throw BodyFault(.badPartHead, at: line.lowerBound) }
                hasEncoding = true
                guard Self.encodesNothing(body.extracting(value)) else { throw BodyFault(.partEncoded, at: value.lowerBound) }
            } else if ASCIIText.caselessEqual(name, "content-length".utf8.span) {
                guard length == nil else { throw BodyFault(.badPartHead, at: line.lowerBound) }
                length = try Self.number(body, value)
                part.length = ByteRange(value)
            } else {
                throw BodyFault(.badPartHead, at: line.lowerBound)
            }
        }
        guard hasDisposition else { throw BodyFault(.badPartHead, at: start) }
        return part
    }

    /// The next line without its end; `nil` at the blank line, which is passed.
    private mutating func line(_ body: Span<UInt8>) throws(BodyFault) -> Range<Int>? {
        let start = at
        while at < body.count, at < limit, body[at] >= 0x20, body[at] != 0x7f { at += 1 }
        guard at < limit else { throw BodyFault(.partHeadTooLong, at: start) }
        guard at + 1 < body.count, body[at] == 0x0d, body[at + 1] == 0x0a else { throw BodyFault(.badPartHead, at: at) }
        let end = at
        at += 2
        // A blank at the start of a line would make it a fold of the line before.
        if end > start, body[start] == 0x20 { throw BodyFault(.badPartHead, at: start) }
        return end > start ? start..<end : nil
    }

    /// Parsers that know nested parts would look for fields in there.
    private func readType(_ body: Span<UInt8>, _ value: Range<Int>, into part: inout MultipartPart) throws(BodyFault) {
        for index in value where body[index] > 0x7e { throw BodyFault(.badPartHead, at: index) }
        part.contentType = ByteRange(value)
        let text = body.extracting(value)
        if text.count >= 10, ASCIIText.caselessEqual(text.extracting(0..<10), "multipart/".utf8.span) {
            throw BodyFault(.partNested, at: value.lowerBound)
        }
        do throws(BodyFault) {
            let type = try ContentType.parse(text)
            part.isText = type.media == .text || type.media == .json || type.media == .xml
        } catch {
            part.isText = false
        }
    }

    private static func trimmed(_ body: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        ASCIIText.trimmingBlanks(body, range)
    }

    private static func encodesNothing(_ value: Span<UInt8>) -> Bool {
        ASCIIText.caselessEqual(value, "7bit".utf8.span) || ASCIIText.caselessEqual(value, "8bit".utf8.span)
            || ASCIIText.caselessEqual(value, "binary".utf8.span)
    }

    private static func number(_ body: Span<UInt8>, _ range: Range<Int>) throws(BodyFault) -> Int {
        guard range.count >= 1, range.count <= 10 else { throw BodyFault(.badPartHead, at: range.lowerBound) }
        var number = 0
        for index in range {
            guard body[index].isASCIIDigit else { throw BodyFault(.badPartHead, at: index) }
            number = number * 10 + Int(body[index] & 15)
        }
        return number
    }
}
