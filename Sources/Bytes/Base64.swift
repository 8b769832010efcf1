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
        let start = decodeWords(text, end, alphabet, into: &out)
        out.reserve((end - start) / 4 * 3 + 2)
        var group: UInt32 = 0
        for i in start..<end {
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

    /// Appends what the whole words before `end` spell, up to the first that holds a byte that does not belong.
    /// - Returns: where it stopped, a multiple of eight.
    private static func decodeWords(_ text: Span<UInt8>, _ end: Int, _ alphabet: Alphabet, into out: inout GrowableBytes) -> Int {
        var at = 0
        // Six bytes count of every eight that are stored.
        out.fill(room: end / 8 * 6 + 2) { room in
            let room = UnsafeMutableRawBufferPointer(room)
            var filled = 0
            while at &+ 8 <= end, let digits = values(text.word(at: at), alphabet) {
                // Pairs, then fours of digits: the first is the highest.
                let pairs = (digits & 0x003f_003f_003f_003f) << 6 | digits >> 8 & 0x003f_003f_003f_003f
                let fours = (pairs & 0x0000_0fff_0000_0fff) << 12 | pairs >> 16 & 0x0000_0fff_0000_0fff
                let six = fours << 24 & 0xffff_ff00_0000 | fours >> 32
                room.storeBytes(of: (six << 16).bigEndian, toByteOffset: filled, as: UInt64.self)
                filled &+= 6
                at &+= 8
            }
            return filled
        }
        return at
    }

    /// The values of eight digits in the places of their bytes; `nil` when one of them is none.
    @inline(__always)
    private static func values(_ word: UInt64, _ alphabet: Alphabet) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101, high: UInt64 = 0x8080_8080_8080_8080
        guard word & high == 0 else { return nil }
        // With the high bits set, no byte borrows from the next.
        func above(_ byte: UInt64) -> UInt64 { ((word | high) &- byte &* ones) & high }
        func less(_ byte: UInt64) -> UInt64 { ((word | high) &- byte &* ones) & ~high }
        func mask(_ bits: UInt64) -> UInt64 { (bits >> 7) &* 0xff }
        let capital = above(0x41) & ~above(0x5b), small = above(0x61) & ~above(0x7b), digit = above(0x30) & ~above(0x3a)
        let sign62: UInt64 = alphabet == .standard ? 0x2b : 0x2d, sign63: UInt64 = alphabet == .standard ? 0x2f : 0x5f
        let is62 = above(sign62) & ~above(sign62 &+ 1), is63 = above(sign63) & ~above(sign63 &+ 1)
        guard capital | small | digit | is62 | is63 == high else { return nil }
        let letters = less(0x41) & mask(capital) | less(0x47) & mask(small)
        return letters | (word &+ 4 &* ones) & mask(digit) | (62 &* ones) & mask(is62) | (63 &* ones) & mask(is63)
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
