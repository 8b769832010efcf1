import Bytes

/// What a server may do to a text once more than it documents, and the gate must not take at its word. Only searched: nothing
/// that is decoded here goes anywhere.
enum FurtherDecoding: CaseIterable {
    /// `%40` for `@`.
    case percent
    /// `=40`, as in mail bodies.
    case quotedPrintable
    /// `&#64;`, `&#x40;`, `&commat;`.
    case characterReference
    /// `\u0040`, `\x40`, `\@`.
    case backslash
    /// `=?utf-8?q?gone=40example.com?=` of RFC 2047, in any charset that holds ASCII.
    case encodedWord
    /// Full-width and other compatibility characters, invisible ones.
    case compatibility
    /// The whole text in base 64, either alphabet, padded or not.
    case base64

    /// How often one of them may follow upon another.
    static let depth = 3
    /// How many texts one text may become; one that becomes more is somebody's riddle.
    static let limit = 24

    /// Whether any of them may change the text. Lets nearly all identifiers go after one look.
    /// - Parameter inBase64: the whole text may be base 64.
    static func mayApply(_ text: Span<UInt8>, inBase64: Bool) -> Bool {
        var at = 0
        while at < text.count {
            if isSpecial(at <= text.count &- 8 ? text.word(at: at) : text.word(at: at, length: text.count &- at)) { return true }
            at &+= 8
        }
        guard inBase64, text.count >= 8 else { return false }
        for index in text.indices where digit(text[index]) == nil { return false }
        return true
    }

    /// Whether a byte of the word is one of `% = & \` or above 0x7f. Which one it is a borrow may disturb, not whether there is one.
    @inline(__always)
    private static func isSpecial(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let percent = (word ^ 0x2525_2525_2525_2525) &- ones, ampersand = (word ^ 0x2626_2626_2626_2626) &- ones
        let equals = (word ^ 0x3d3d_3d3d_3d3d_3d3d) &- ones, backslash = (word ^ 0x5c5c_5c5c_5c5c_5c5c) &- ones
        return (percent | ampersand | equals | backslash | word) & 0x8080_8080_8080_8080 != 0
    }

    /// The text decoded; `nil` when that changes nothing or it cannot be an identifier. Escapes that are none stay.
    /// - Complexity: linear. Allocates.
    func decode(_ text: [UInt8]) -> [UInt8]? {
        switch self {
        case .percent: Self.unescape(text, UInt8(ascii: "%")) { Self.hex($0, 1, 2).map { ([$0], 3) } }
        case .quotedPrintable: Self.unescape(text, UInt8(ascii: "=")) { Self.hex($0, 1, 2).map { ([$0], 3) } }
        case .characterReference: Self.unescape(text, UInt8(ascii: "&"), Self.reference)
        case .backslash: Self.unescape(text, UInt8(ascii: "\\"), Self.escape)
        case .encodedWord: Self.unescape(text, UInt8(ascii: "="), Self.word)
        case .compatibility: Self.folded(text)
        case .base64: Self.base64(text[...])
        }
    }

    // MARK: Escapes

    /// Replaces what `read` makes of the places where `mark` stands.
    /// - Parameter read: what the text from there on stands for, and how many bytes of it that takes.
    private static func unescape(
        _ text: [UInt8], _ mark: UInt8, _ read: (ArraySlice<UInt8>) -> (bytes: [UInt8], count: Int)?
    ) -> [UInt8]? {
        var out: [UInt8] = []
        var at = 0, from = 0
        while let found = text[at...].firstIndex(of: mark) {
            guard let escape = read(text[found...]) else {
                at = found + 1
                continue
            }
            out += text[from..<found] + escape.bytes
            at = found + escape.count
            from = at
        }
        return from == 0 ? nil : out + text[from...]
    }

    /// Two hexadecimal digits behind `offset`, or as many as are asked for.
    private static func hex(_ text: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> UInt8? {
        scalar(text.dropFirst(offset).prefix(count), radix: 16, exactly: count).flatMap { UInt8(exactly: $0) }
    }

    private static func scalar(_ digits: ArraySlice<UInt8>, radix: UInt32, exactly count: Int? = nil) -> UInt32? {
        guard !digits.isEmpty, digits.count <= 7, count == nil || digits.count == count else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard let digit = digit.hexDigitValue, digit < radix else { return nil }
            value = value * radix + UInt32(digit)
        }
        return value
    }

    private static func utf8(_ value: UInt32?) -> [UInt8]? {
        value.flatMap(Unicode.Scalar.init).flatMap { UTF8.encode($0) }.map(Array.init)
    }

    private static let names: [(name: String, value: UInt8)] = [
        ("commat", UInt8(ascii: "@")), ("period", UInt8(ascii: ".")), ("plus", UInt8(ascii: "+")), ("lowbar", UInt8(ascii: "_")),
        ("amp", UInt8(ascii: "&")), ("percnt", UInt8(ascii: "%")), ("equals", UInt8(ascii: "=")), ("num", UInt8(ascii: "#")),
        ("semi", UInt8(ascii: ";")), ("bsol", UInt8(ascii: "\\")), ("quot", UInt8(ascii: "\"")), ("apos", UInt8(ascii: "'")),
        ("lt", UInt8(ascii: "<")), ("gt", UInt8(ascii: ">")),
    ]

    /// The semicolon may be missing, as it may in HTML.
    private static func reference(_ text: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        let body = text.dropFirst()
        guard body.first == UInt8(ascii: "#") else {
            for (name, value) in names where body.starts(with: name.utf8) {
                return ([value], 1 + name.utf8.count + (body.dropFirst(name.utf8.count).first == UInt8(ascii: ";") ? 1 : 0))
            }
            return nil
        }
        let isHex = body.dropFirst().first.map { $0.asciiLowercased == UInt8(ascii: "x") } ?? false
        let start = isHex ? 2 : 1
        let digits = body.dropFirst(start).prefix(8).prefix { isHex ? $0.isASCIIHexDigit : $0.isASCIIDigit }
        guard let bytes = utf8(scalar(digits, radix: isHex ? 16 : 10)) else { return nil }
        let count = start + digits.count
        return (bytes, 1 + count + (body.dropFirst(count).first == UInt8(ascii: ";") ? 1 : 0))
    }

    private static func escape(_ text: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        guard let kind = text.dropFirst().first else { return nil }
        let rest = text.dropFirst(2)
        switch kind {
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            guard let bytes = utf8(scalar(rest.prefix(4), radix: 16, exactly: 4)) else { return nil }
            return (bytes, 6)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard let byte = hex(text, 2, 2) else { return nil }
            return ([byte], 4)
        default: return ([kind], 2)
        }
    }

    /// `=?charset?q|b?text?=`. What the charset makes of bytes outside of ASCII is no part of an address.
    private static func word(_ text: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        let parts = text.prefix(512).split(separator: UInt8(ascii: "?"), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].count == 1, parts[2].count == 1, parts[4].first == UInt8(ascii: "=") else { return nil }
        var count = 1 + 1 + parts[1].count + 1 + 1 + 1 + parts[3].count + 2
        // Blanks between two of them are not part of what they say.
        let behind = parts[4].dropFirst(), blanks = behind.prefix { $0 == 0x20 || $0 == 0x09 }.count
        if behind.dropFirst(blanks).starts(with: "=?".utf8) { count += blanks }
        switch parts[2][parts[2].startIndex].asciiLowercased {
        case UInt8(ascii: "q"):
            let word = parts[3].map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }
            return (FurtherDecoding.quotedPrintable.decode(word) ?? word, count)
        case UInt8(ascii: "b"): return base64(parts[3]).map { ($0, count) }
        default: return nil
        }
    }

    // MARK: Whole texts

    private static func folded(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(where: { $0 >= 0x80 }), UTF8Validation.isValid(text.span) else { return nil }
        var out: [UInt8] = []
        CompatibilityFolding.fold(text.span, into: &out)
        return out == text ? nil : out
    }

    /// Only text counts: an id that happens to have the digits of base 64 decodes to noise.
    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var end = text.endIndex
        while end > text.startIndex, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end - text.startIndex >= 4, text.endIndex - end <= 2 else { return nil }
        var out: [UInt8] = []
        var group: UInt32 = 0, bits = 0
        for byte in text[..<end] {
            guard let digit = digit(byte) else { return nil }
            group = group << 6 | UInt32(digit)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            let byte = UInt8(truncatingIfNeeded: group >> UInt32(bits))
            guard byte >= 0x20, byte != 0x7f else { return nil }
            out.append(byte)
        }
        return UTF8Validation.isValid(out.span) ? out : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 0x41
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x47
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
