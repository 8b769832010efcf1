import Bytes

/// Reads `form-data; name="to"; filename="a.txt"`, the value of a part's Content-Disposition.
///
/// Names are quoted strings without escapes, or tokens, which .NET writes. What parsers decode in different ways is refused:
/// backslashes, percent escapes, encoded words, `name*`. A `filename*` may stand there, for a part that is a file to all.
struct DispositionReader {
    private var at: Int
    private let end: Int

    init(at start: Int, end: Int) { (at, self.end) = (start, end) }

    mutating func read(_ body: Span<UInt8>, into part: inout MultipartPart) throws(BodyFault) {
        let start = at
        let type = token(body)
        guard ASCIIText.caselessEqual(body.extracting(type), "form-data".utf8.span) else { throw BodyFault(.badPartHead, at: start) }
        var hasName = false
        var hasFilename = false
        var hasExtended = false
        while true {
            skipBlanks(body)
            guard at < end else { break }
            guard body[at] == UInt8(ascii: ";") else { throw BodyFault(.badPartHead, at: at) }
            at += 1
            skipBlanks(body)
            let nameAt = at
            let parameter = body.extracting(token(body))
            guard at < end, body[at] == UInt8(ascii: "=") else { throw BodyFault(.badPartHead, at: at) }
            at += 1
            if ASCIIText.caselessEqual(parameter, "name".utf8.span) {
                guard !hasName else { throw BodyFault(.badPartHead, at: nameAt) }
                hasName = true
                let name = try text(body)
                try check(name, body)
                guard !name.isEmpty else { throw BodyFault(.badPartName, at: name.lowerBound) }
                part.name = ByteRange(name)
                for index in name where body[index] > 0x7f { part.isNameNonASCII = true }
            } else if ASCIIText.caselessEqual(parameter, "filename".utf8.span) {
                guard !hasFilename else { throw BodyFault(.badPartHead, at: nameAt) }
                hasFilename = true
                part.isFile = true
                part.filename = ByteRange(try text(body))
            } else if ASCIIText.caselessEqual(parameter, "filename*".utf8.span) {
                guard !hasExtended else { throw BodyFault(.badPartHead, at: nameAt) }
                hasExtended = true
                part.isFile = true
                try extended(body)
            } else {
                throw BodyFault(.badPartHead, at: nameAt)
            }
        }
        guard hasName else { throw BodyFault(.badPartHead, at: start) }
    }

    /// A token or a quoted string of UTF-8 without escapes.
    private mutating func text(_ body: Span<UInt8>) throws(BodyFault) -> Range<Int> {
        guard at < end, body[at] == UInt8(ascii: "\"") else {
            let range = token(body)
            guard !range.isEmpty else { throw BodyFault(.badPartName, at: at) }
            return range
        }
        at += 1
        let start = at
        while at < end, body[at] != UInt8(ascii: "\"") {
            guard body[at] != UInt8(ascii: "\\") else { throw BodyFault(.badPartName, at: at) }
            at += 1
        }
        guard at < end else { throw BodyFault(.badPartName, at: start) }
        let range = start..<at
        at += 1
        if let invalid = UTF8Validation.firstInvalid(in: body.extracting(range)) { throw BodyFault(.invalidUTF8, at: start + invalid) }
        return range
    }

    /// Percent escapes and encoded words are decoded by some; `_charset_` changes how the others are read.
    private func check(_ name: Range<Int>, _ body: Span<UInt8>) throws(BodyFault) {
        for index in name {
            let left = name.upperBound - index
            if body[index] == UInt8(ascii: "%"), left > 2, body[index + 1].isASCIIHexDigit, body[index + 2].isASCIIHexDigit {
                throw BodyFault(.badPartName, at: index)
            }
            if body[index] == UInt8(ascii: "="), left > 1, body[index + 1] == UInt8(ascii: "?") { throw BodyFault(.badPartName, at: index) }
            // The controls U+0080 to U+009F; those of ASCII stand in no head.
            if body[index] == 0xc2, left > 1, body[index + 1] < 0xa0 { throw BodyFault(.controlInName, at: index) }
        }
        if ASCIIText.caselessEqual(body.extracting(ASCIIText.trimmingBlanks(body, name)), "_charset_".utf8.span) {
            throw BodyFault(.unsupportedCharset, at: name.lowerBound)
        }
    }

    /// `utf-8'en'na%C3%AFve.txt`.
    private mutating func extended(_ body: Span<UInt8>) throws(BodyFault) {
        let start = at
        var quotes = 0
        while at < end, Self.isTokenByte(body[at]) || body[at] == UInt8(ascii: "'") || body[at] == UInt8(ascii: "%") {
            if body[at] == UInt8(ascii: "'") { quotes += 1 }
            at += 1
        }
        guard quotes == 2, at - start > 7, ASCIIText.caselessEqual(body.extracting(start..<(start + 6)), "utf-8'".utf8.span) else {
            throw BodyFault(.badPartName, at: start)
        }
    }

    private mutating func token(_ body: Span<UInt8>) -> Range<Int> {
        let start = at
        while at < end, Self.isTokenByte(body[at]) { at += 1 }
        return start..<at
    }

    private mutating func skipBlanks(_ body: Span<UInt8>) {
        while at < end, body[at] == 0x20 { at += 1 }
    }

    /// Less than a token of RFC 9110: no quote, no percent sign.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        if byte.isASCIIAlphanumeric { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }
}
