import Bytes
import Recipients

extension IdentifierShape {
    /// The kind of identifier a text is that may be a phone number or an e-mail address.
    static func kind(of text: Span<UInt8>) -> IdentifierKind {
        for index in text.indices {
            if text[index] == UInt8(ascii: "@") { return .email }
            // U+FF20 and U+FE6B, which fold to it.
            guard text[index] == 0xef, index + 2 < text.count else { continue }
            let tail = (text[index + 1], text[index + 2])
            if tail == (0xbc, 0xa0) || tail == (0xb9, 0xab) { return .email }
        }
        return .phone
    }

    /// Whether a text has anything of an identifier of the kind. One that has not is an id only the provider understands;
    /// in doubt it has.
    static func isLike(_ kind: IdentifierKind, _ text: Span<UInt8>) -> Bool {
        switch kind {
        case .email:
            // An escape or a character outside of ASCII may stand for the @.
            for index in text.indices where text[index] == UInt8(ascii: "@") || text[index] == UInt8(ascii: "%") || text[index] > 0x7f { return true }
            return false
        case .phone: return isLikePhone(text)
        default: return true
        }
    }

    private static func isLikePhone(_ text: Span<UInt8>) -> Bool {
        var digits = 0
        var hasLetter = false
        for index in text.indices {
            if text[index] > 0x7f { return true }
            if text[index].isASCIILetter { hasLetter = true }
            if text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") { digits += 1 }
        }
        var at = 0
        while at < text.count, text[at] <= 0x20 { at += 1 }
        if at < text.count, text[at] == UInt8(ascii: "+") { return true }
        guard hasLetter else { return digits >= 7 }
        // `tel:4155550100`, `4155550100x12`: a number with words around it.
        var colon = at
        while colon < text.count, text[colon].isASCIILetter { colon += 1 }
        if colon < text.count, text[colon] == UInt8(ascii: ":") { at = colon + 1 }
        return numberEnds(text, from: at)
    }

    /// Whether a phone number begins at `start`, and nothing or an extension follows it.
    private static func numberEnds(_ text: Span<UInt8>, from start: Int) -> Bool {
        var digits = 0
        var at = start
        loop: while at < text.count {
            switch text[at] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case 0x20, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")"): break
            default: break loop
            }
            at += 1
        }
        guard digits >= 7 else { return false }
        guard at < text.count else { return true }
        switch text[at].asciiLowercased {
        case UInt8(ascii: "x"), UInt8(ascii: "p"), UInt8(ascii: "w"), UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "#"), UInt8(ascii: "*"), UInt8(ascii: "@"):
            return true
        case UInt8(ascii: "e"): return at + 1 < text.count && text[at + 1].asciiLowercased == UInt8(ascii: "x")
        default: return false
        }
    }
}
