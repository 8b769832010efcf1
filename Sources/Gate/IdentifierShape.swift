import Bytes
import Recipients

/// Finds the pieces of a text that might be identifiers, without reading them.
enum IdentifierShape {
    /// Longer pieces are no identifier (hardening.md section 1).
    private static let mailLimit = 320
    private static let phoneLimit = 64

    /// Whether `text` can hold an identifier at all: an `@`, or seven digits, or a character outside of ASCII or an escape
    /// that might stand for one. Lets most strings go after one look.
    static func mayHold(_ text: Span<UInt8>) -> Bool {
        var digits = 0
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                if digits == 7 { return true }
            case UInt8(ascii: "@"), UInt8(ascii: "\\"), UInt8(ascii: "%"), 0x80...0xff: return true
            default: break
            }
        }
        return false
    }

    static func hasAt(_ text: Span<UInt8>, _ part: Range<Int>) -> Bool {
        for index in part where text[index] == UInt8(ascii: "@") { return true }
        return false
    }

    /// Whether the text could be an identifier of this kind to anybody. What could not is an id of the provider's own where
    /// the adapter says that such ids stand. Bytes outside of ASCII may fold to anything: they are taken for an identifier.
    static func resembles(_ kind: IdentifierKind, _ text: Span<UInt8>, _ part: Range<Int>) -> Bool {
        var digits = 0, letters = 0
        var hasAt = false, hasPlus = false, isLed = false
        for index in part {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "@"): hasAt = true
            case UInt8(ascii: "+"):
                if digits + letters == 0 { isLed = true }
                hasPlus = true
            case 0x80...0xff: return true
            case let byte where byte.isASCIILetter: letters += 1
            default: break
            }
        }
        switch kind {
        case .email: return hasAt
        // A plus and digits are a number to those who skip the letters around them.
        // Letters behind a plus are keys of a telephone: +1800FLOWERS.
        case .phone: return digits >= 7 && (letters == 0 || hasPlus) || isLed && digits > 0 && digits + letters >= 7
        default: return true
        }
    }

    /// The next piece of `text` from `start` on, cut at commas, semicolons, quotes, brackets and line breaks.
    static func nextPiece(_ text: Span<UInt8>, from start: Int) -> Range<Int>? {
        var lower = start
        while lower < text.count, isSeparator(text[lower]) { lower += 1 }
        guard lower < text.count else { return nil }
        var upper = lower
        while upper < text.count, !isSeparator(text[upper]) { upper += 1 }
        return lower..<upper
    }

    /// The kind of identifier the piece may be, and the part of it that is one.
    static func guess(_ text: Span<UInt8>, _ piece: Range<Int>) -> (kind: IdentifierKind, range: Range<Int>)? {
        var at = -1
        for index in piece where text[index] == UInt8(ascii: "@") { at = index }
        if at >= 0 {
            // The word around the last @.
            var lower = at, upper = at + 1
            while lower > piece.lowerBound, text[lower - 1] > 0x20 { lower -= 1 }
            while upper < piece.upperBound, text[upper] > 0x20 { upper += 1 }
            for index in lower..<at where text[index] == UInt8(ascii: ":") { lower = index + 1 }
            guard upper - lower <= mailLimit, upper - lower >= 3 else { return nil }
            return (.email, lower..<upper)
        }
        return phone(text, piece).map { (.phone, $0) }
    }

    private static func phone(_ text: Span<UInt8>, _ piece: Range<Int>) -> Range<Int>? {
        var lower = piece.lowerBound
        for index in piece where text[index] == UInt8(ascii: ":") { lower = index + 1 }
        guard piece.upperBound - lower <= phoneLimit else { return nil }
        var digits = 0
        for index in lower..<piece.upperBound {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case 0x80...0xff: digits += 1
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "), UInt8(ascii: "/"), UInt8(ascii: "~"), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                break
            default: return nil
            }
        }
        return digits >= 7 ? lower..<piece.upperBound : nil
    }

    /// Parentheses are not separators: they belong to phone numbers.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"), 0...0x1f:
            true
        default: false
        }
    }
}
