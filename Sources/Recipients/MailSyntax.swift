import Bytes

/// The classes of bytes in RFC 5322.
enum MailSyntax {
    /// `atext` of RFC 5322 with UTF-8 (RFC 6532), without the two signs that old routes are made of.
    static func isAtomText(_ byte: UInt8) -> Bool {
        if byte.isASCIIAlphanumeric || byte >= 0x80 { return true }
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    static func isRoute(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "%") || byte == UInt8(ascii: "!") }

    /// Whether the three bytes are a character that NFKC turns into `<`, `>` or `@`: U+FF1C, U+FF1E, U+FF20 (full width), U+FE64,
    /// U+FE65, U+FE6B (small).
    static func foldsToMark(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
        guard first == 0xef else { return false }
        switch (second, third) {
        case (0xbc, 0x9c), (0xbc, 0x9e), (0xbc, 0xa0), (0xb9, 0xa4), (0xb9, 0xa5), (0xb9, 0xab): return true
        default: return false
        }
    }

    /// The index behind the folding blank at `index`: spaces, tabs, and line breaks that a space or tab follows.
    /// - Returns: `index` itself where no blank stands.
    /// - Throws: at a line break that is no fold.
    static func skipBlank(_ bytes: Span<UInt8>, from index: Int, to end: Int) throws(IdentifierProblem) -> Int {
        var index = index
        while index < end {
            if bytes[index].isASCIIBlank {
                index += 1
            } else if bytes[index] == 0x0d, index + 2 < end, bytes[index + 1] == 0x0a, bytes[index + 2].isASCIIBlank {
                index += 3
            } else if bytes[index].isASCIIControl {
                throw .controlCharacter
            } else {
                break
            }
        }
        return index
    }

    /// The index behind the quoted string that opens at `index`.
    static func skipQuoted(_ bytes: Span<UInt8>, from index: Int, to end: Int) throws(IdentifierProblem) -> Int {
        var index = index + 1
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"):
                guard index + 1 < end, !bytes[index + 1].isASCIIControl else { throw .unbalancedQuote }
                index += 2
            case 0x0d, 0x09:
                index = try skipBlank(bytes, from: index, to: end)
            case let byte where byte.isASCIIControl: throw .controlCharacter
            default: index += 1
            }
        }
        throw .unbalancedQuote
    }

    /// The index behind the comment that opens at `index`. Comments nest.
    static func skipComment(_ bytes: Span<UInt8>, from index: Int, to end: Int) throws(IdentifierProblem) -> Int {
        var index = index
        var depth = 0
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "("):
                depth += 1
                index += 1
            case UInt8(ascii: ")"):
                depth -= 1
                index += 1
                if depth == 0 { return index }
            case UInt8(ascii: "\\"):
                guard index + 1 < end, !bytes[index + 1].isASCIIControl else { throw .unbalancedComment }
                index += 2
            case 0x0d, 0x09:
                index = try skipBlank(bytes, from: index, to: end)
            case let byte where byte.isASCIIControl: throw .controlCharacter
            default: index += 1
            }
        }
        throw .unbalancedComment
    }
}
