import Bytes

/// The grammar of RFC 9110 section 8.3.1, without backslash escapes in quoted strings: parsers differ on them and no client
/// needs one here.
struct ContentTypeReader {
    private var at: Int

    init(at start: Int) { at = start }

    /// Reads `type/subtype`.
    mutating func mediaType(_ value: Span<UInt8>) throws(BodyFault) -> ContentType.Media {
        skipBlanks(value)
        let type = try token(value)
        guard at < value.count, value[at] == UInt8(ascii: "/") else { throw BodyFault(.badContentType, at: at) }
        at += 1
        let subtype = try token(value)
        return media(value.extracting(type), value.extracting(subtype))
    }

    /// Reads the next parameter.
    /// - Returns: its name and its value without quotes, or `nil` at the end.
    mutating func parameter(_ value: Span<UInt8>) throws(BodyFault) -> (name: Range<Int>, value: Range<Int>)? {
        skipBlanks(value)
        guard at < value.count else { return nil }
        guard value[at] == UInt8(ascii: ";") else { throw BodyFault(.badContentType, at: at) }
        at += 1
        skipBlanks(value)
        // One semicolon behind the last parameter is common and says nothing.
        guard at < value.count else { return nil }
        let name = try token(value)
        guard at < value.count, value[at] == UInt8(ascii: "=") else { throw BodyFault(.badContentType, at: at) }
        at += 1
        guard at < value.count, value[at] == UInt8(ascii: "\"") else { return (name, try token(value)) }
        at += 1
        let start = at
        while at < value.count && value[at] != UInt8(ascii: "\"") {
            let byte = value[at]
            guard byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\") else { throw BodyFault(.badContentType, at: at) }
            at += 1
        }
        guard at < value.count else { throw BodyFault(.badContentType, at: at) }
        defer { at += 1 }
        return (name, start..<at)
    }

    private func media(_ type: Span<UInt8>, _ subtype: Span<UInt8>) -> ContentType.Media {
        if hasSuffix(subtype, "+json") { return .json }
        if hasSuffix(subtype, "+xml") { return .xml }
        if ASCIIText.caselessEqual(type, "application".utf8.span) {
            if ASCIIText.caselessEqual(subtype, "json".utf8.span) { return .json }
            if ASCIIText.caselessEqual(subtype, "x-www-form-urlencoded".utf8.span) { return .form }
            if ASCIIText.caselessEqual(subtype, "x-amz-json-1.0".utf8.span) { return .json }
            if ASCIIText.caselessEqual(subtype, "x-amz-json-1.1".utf8.span) { return .json }
            return ASCIIText.caselessEqual(subtype, "xml".utf8.span) ? .xml : .other
        }
        if ASCIIText.caselessEqual(type, "text".utf8.span) {
            return ASCIIText.caselessEqual(subtype, "xml".utf8.span) ? .xml : .text
        }
        if ASCIIText.caselessEqual(type, "multipart".utf8.span) && ASCIIText.caselessEqual(subtype, "form-data".utf8.span) {
            return .multipart
        }
        return .other
    }

    private func hasSuffix(_ text: Span<UInt8>, _ suffix: String) -> Bool {
        let count = suffix.utf8.count
        return text.count > count
            && ASCIIText.caselessEqual(text.extracting(text.count - count..<text.count), suffix.utf8.span)
    }

    private mutating func skipBlanks(_ value: Span<UInt8>) {
        while at < value.count && (value[at] == UInt8(ascii: " ") || value[at] == UInt8(ascii: "\t")) { at += 1 }
    }

    /// Reads a token of RFC 9110 section 5.6.2.
    private mutating func token(_ value: Span<UInt8>) throws(BodyFault) -> Range<Int> {
        let start = at
        while at < value.count && Self.isTokenByte(value[at]) { at += 1 }
        guard at > start else { throw BodyFault(.badContentType, at: at) }
        return start..<at
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^")...UInt8(ascii: "`"),
            UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
