import Bytes

/// Small questions about bytes that routes ask of hosts and paths.
enum RouteBytes {
    static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    static func upper(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xdf : byte
    }

    static func lower(_ text: some Sequence<UInt8>) -> [UInt8] { text.map { lower($0) } }

    /// RFC 3986: characters that mean the same whether percent-encoded or not.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "~")
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool { byte.isASCIIAlphanumeric }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    static func equal(_ a: Span<UInt8>, _ b: [UInt8]) -> Bool { ASCIIText.equal(a, b.span) }

    /// Whether the name has neither a capital letter nor a colon, eight bytes at a time. Short names are left to the caller.
    static func isPlainHost(_ host: Span<UInt8>) -> Bool {
        guard host.count >= 8 else { return false }
        var hits: UInt64 = 0
        var offset = 0
        while true {
            let word = host.word(at: offset)
            hits |= ((word ^ 0x3a3a_3a3a_3a3a_3a3a) &- 0x0101_0101_0101_0101) & 0x8080_8080_8080_8080 | word ^ ASCIIText.lowercase(word)
            if offset == host.count &- 8 { return hits == 0 }
            offset = min(offset &+ 8, host.count &- 8)
        }
    }

    /// The first `/` in `path` from `start` on, or `end`.
    static func firstSlash(_ path: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        ASCIIText.firstIndex(of: UInt8(ascii: "/"), in: path.extracting(0..<end), from: start)
    }

    /// GET and HEAD.
    static func isRead(_ method: Span<UInt8>) -> Bool {
        ASCIIText.equal(method, "GET".utf8.span) || ASCIIText.equal(method, "HEAD".utf8.span)
    }

    /// Whether a query parameter, name and value as written, is called `_method`.
    static func isMethodParameter(_ parameter: Span<UInt8>) -> Bool {
        var at = 0
        var matched = 0
        while at < parameter.count, parameter[at] != UInt8(ascii: "=") {
            var byte = parameter[at]
            at += 1
            if byte == UInt8(ascii: "%"), at + 1 < parameter.count, let high = hexValue(parameter[at]), let low = hexValue(parameter[at + 1]) {
                byte = high << 4 | low
                at += 2
            }
            guard matched < override.count, lower(byte) == override[matched] else { return false }
            matched += 1
        }
        return matched == override.count
    }

    /// Whether the name or value of a query parameter, as written, reads as `wanted` once it is decoded, folded and trimmed.
    /// - Parameter orBracket: whether `wanted[]` and the like do, too.
    static func reads(_ text: Span<UInt8>, as wanted: [UInt8], orBracket: Bool) -> Bool {
        var at = 0
        var matched = 0
        while at < text.count {
            var byte = text[at]
            at += 1
            if byte == UInt8(ascii: "%"), at + 1 < text.count, let high = hexValue(text[at]), let low = hexValue(text[at + 1]) {
                byte = high << 4 | low
                at += 2
            } else if byte == UInt8(ascii: "+") {
                byte = 0x20
            }
            if matched < wanted.count, lower(byte) == lower(wanted[matched]) {
                matched += 1
            } else if byte > 0x20 || matched > 0 && matched < wanted.count {
                return orBracket && matched == wanted.count && byte == UInt8(ascii: "[")
            }
        }
        return matched == wanted.count
    }

    private static let override = Array("_method".utf8)
}
