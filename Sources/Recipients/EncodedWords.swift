import Bytes

/// Encoded words of RFC 2047 in a display name. Some servers decode them before they look for addresses, so what they hold
/// must not be one.
enum EncodedWords {
    /// Whether every encoded word in `text` decodes without an `@`, an angle bracket or a line break, in whatever charset.
    /// - Returns: `false` also for a word that decoders read differently: an unknown charset, blanks, bad digits.
    /// - Complexity: linear. No allocation.
    static func holdNoAddress(_ text: Span<UInt8>) -> Bool {
        var detector = Detector()
        var index = 0
        while index + 1 < text.count {
            guard text[index] == UInt8(ascii: "="), text[index + 1] == UInt8(ascii: "?") else {
                index += 1
                continue
            }
            guard let end = read(text, from: index + 2, &detector) else { return false }
            index = end
        }
        return !detector.isAlarmed
    }

    /// Reads `charset?encoding?text?=`.
    /// - Returns: the index behind it.
    private static func read(_ text: Span<UInt8>, from start: Int, _ detector: inout Detector) -> Int? {
        guard let charsetEnd = mark(text, from: start), isKnown(charset: text.extracting(start..<charsetEnd)),
            charsetEnd + 2 < text.count, text[charsetEnd + 2] == UInt8(ascii: "?"),
            let end = mark(text, from: charsetEnd + 3), end + 1 < text.count, text[end + 1] == UInt8(ascii: "=")
        else { return nil }
        let word = text.extracting((charsetEnd + 3)..<end)
        switch text[charsetEnd + 1].asciiLowercased {
        case UInt8(ascii: "q"): return feedQuoted(word, &detector) ? end + 2 : nil
        case UInt8(ascii: "b"): return feedBase64(word, &detector) ? end + 2 : nil
        default: return nil
        }
    }

    /// The next question mark, with only printable ASCII before it.
    private static func mark(_ text: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < text.count, text[index] > 0x20, text[index] < 0x7f {
            if text[index] == UInt8(ascii: "?") { return index }
            index += 1
        }
        return nil
    }

    private static func feedQuoted(_ word: Span<UInt8>, _ detector: inout Detector) -> Bool {
        var index = 0
        while index < word.count {
            if word[index] == UInt8(ascii: "=") {
                guard index + 2 < word.count, let high = word[index + 1].hexDigitValue, let low = word[index + 2].hexDigitValue else {
                    return false
                }
                detector.feed(high << 4 | low)
                index += 3
            } else {
                detector.feed(word[index] == UInt8(ascii: "_") ? 0x20 : word[index])
                index += 1
            }
        }
        return true
    }

    private static func feedBase64(_ word: Span<UInt8>, _ detector: inout Detector) -> Bool {
        guard word.count % 4 == 0 else { return false }
        var group: UInt32 = 0
        var padding = 0
        for index in word.indices {
            group <<= 6
            if word[index] == UInt8(ascii: "="), index >= word.count - 2 {
                padding += 1
            } else {
                guard padding == 0, let digit = value(word[index]) else { return false }
                group |= UInt32(digit)
            }
            guard index & 3 == 3 else { continue }
            // Stray bits in the last digit are what decoders differ over.
            guard group & (padding == 0 ? 0 : padding == 1 ? 0xff : 0xffff) == 0 else { return false }
            for byte in 0..<(3 - padding) { detector.feed(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * byte))) }
            group = 0
        }
        return true
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 0x41
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x47
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// Charsets in which the bytes of `@`, `<` and `>` are those of ASCII; where they may also end another character, a name
    /// is taken for suspicious too often, never too rarely.
    private static func isKnown(charset: Span<UInt8>) -> Bool {
        var end = 0
        // RFC 2231 puts a language behind a star.
        while end < charset.count, charset[end] != UInt8(ascii: "*") { end += 1 }
        let name = charset.extracting(0..<end)
        for index in known.indices where ASCIIText.caselessEqual(name, known[index].utf8.span) { return true }
        for index in families.indices {
            let family = families[index]
            guard name.count > family.utf8.count, name.count <= family.utf8.count + 2 else { continue }
            guard ASCIIText.caselessEqual(name.extracting(0..<family.utf8.count), family.utf8.span) else { continue }
            for index in family.utf8.count..<name.count where !name[index].isASCIIDigit { return false }
            return true
        }
        return false
    }

    private static let known: [String] = [
        "utf-8", "utf8", "us-ascii", "ascii", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp", "koi8-r",
        "koi8-u", "ks_c_5601-1987", "tis-620", "windows-874", "macintosh",
    ]
    private static let families: [String] = ["iso-8859-", "windows-125", "cp125"]

    /// Watches decoded bytes go by, across the ends of words.
    private struct Detector {
        private(set) var isAlarmed = false
        private var last: (UInt8, UInt8) = (0, 0)

        mutating func feed(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "@"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0x00, 0x0a, 0x0d: isAlarmed = true
            default: if MailSyntax.foldsToMark(last.0, last.1, byte) { isAlarmed = true }
            }
            last = (last.1, byte)
        }
    }
}
