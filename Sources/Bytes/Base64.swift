/// Base 64 (RFC 4648), read strictly: one alphabet, no blanks, padding where the alphabet asks for it, nothing after it,
/// and no stray bits in the last digit. Two texts that differ never decode to the same bytes.
public enum Base64 {
    public enum Alphabet: Sendable {
        /// `+` and `/`, padded with `=` to a multiple of four (section 4).
        case standard
        /// `-` and `_`, without padding (section 5, as web tokens use it).
        case url
    }

    /// Appends the bytes that `text` spells.
    /// - Returns: `nil` when all of it was read, else the offset of the first byte that does not belong (`text.count` when the
    ///   text ends too early). Whole groups read before that stay appended.
    /// - Complexity: O(count).
    public static func decode(_ text: Span<UInt8>, _ alphabet: Alphabet = .standard, into out: inout GrowableBytes) -> Int? {
        var end = text.count
        if alphabet == .standard {
            guard end % 4 == 0 else { return end }
            if end > 0 && text[end - 1] == UInt8(ascii: "=") {
                end -= text[end - 2] == UInt8(ascii: "=") ? 2 : 1
            }
        }
        guard end % 4 != 1 else { return end }
        out.reserve(end / 4 * 3 + 2)
        var group: UInt32 = 0
        for i in 0..<end {
            guard let digit = value(text[i], alphabet) else { return i }
            group = group << 6 | UInt32(digit)
            if i & 3 == 3 {
                out.append(UInt8(truncatingIfNeeded: group >> 16))
                out.append(UInt8(truncatingIfNeeded: group >> 8))
                out.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        switch end & 3 {
        case 2:
            guard group & 0xf == 0 else { return end - 1 }
            out.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            guard group & 0x3 == 0 else { return end - 1 }
            out.append(UInt8(truncatingIfNeeded: group >> 10))
            out.append(UInt8(truncatingIfNeeded: group >> 2))
        default:
            break
        }
        return nil
    }

    /// Appends `bytes` in one line, padded when the alphabet pads.
    public static func encode(_ bytes: Span<UInt8>, _ alphabet: Alphabet = .standard, into out: inout GrowableBytes) {
        out.reserve((bytes.count + 2) / 3 * 4)
        var i = 0
        while i < bytes.count {
            let left = min(bytes.count - i, 3)
            var group = UInt32(bytes[i]) << 16
            if left > 1 { group |= UInt32(bytes[i + 1]) << 8 }
            if left > 2 { group |= UInt32(bytes[i + 2]) }
            for digit in 0..<4 {
                if digit <= left {
                    out.append(character(UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * digit)) & 63, alphabet))
                } else if alphabet == .standard {
                    out.append(UInt8(ascii: "="))
                }
            }
            i += left
        }
    }

    @inline(__always)
    private static func value(_ byte: UInt8, _ alphabet: Alphabet) -> UInt8? {
        switch byte {
        case 0x41...0x5a: byte - 0x41
        case 0x61...0x7a: byte - 0x47
        case 0x30...0x39: byte + 4
        case UInt8(ascii: "+") where alphabet == .standard, UInt8(ascii: "-") where alphabet == .url: 62
        case UInt8(ascii: "/") where alphabet == .standard, UInt8(ascii: "_") where alphabet == .url: 63
        default: nil
        }
    }

    private static func character(_ value: UInt8, _ alphabet: Alphabet) -> UInt8 {
        switch value {
        case 0...25: value + 0x41
        case 26...51: value + 0x47
        case 52...61: value - 4
        case 62: alphabet == .standard ? UInt8(ascii: "+") : UInt8(ascii: "-")
        default: alphabet == .standard ? UInt8(ascii: "/") : UInt8(ascii: "_")
        }
    }
}
