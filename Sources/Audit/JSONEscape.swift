/// The spelling of one character inside a JSON string.
struct JSONEscape {
    /// Bytes of input this spells.
    let taken: Int
    /// Bytes it is spelled with: 1, 2, 6 or 12.
    let length: Int
    private let scalar: UInt32

    /// Whether eight bytes at once need no escape: each is 0x20 to 0x7e and neither a quote nor a backslash.
    /// Source: "Bit Twiddling Hacks", hasless and haszero.
    @inline(__always)
    static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        let control = (word &- (ones &* 0x20)) & ~word
        let equal = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        return (word | (word &+ ones) | control | equal) & highs == 0
    }

    /// What stands at `index`, which must be inside `bytes`.
    static func next(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> JSONEscape {
        let byte = bytes[index]
        if byte < 0x80 {
            let length = byte == 0x22 || byte == 0x5c ? 2 : byte < 0x20 || byte == 0x7f ? 6 : 1
            return JSONEscape(taken: 1, length: length, scalar: UInt32(byte))
        }
        let (scalar, taken) = decode(bytes, index)
        return JSONEscape(taken: taken, length: scalar > 0xffff ? 12 : 6, scalar: scalar)
    }

    func write(_ target: UnsafeMutablePointer<UInt8>) {
        switch length {
        case 1: target[0] = UInt8(truncatingIfNeeded: scalar)
        case 2:
            target[0] = 0x5c
            target[1] = UInt8(truncatingIfNeeded: scalar)
        case 6: Self.unicode(scalar, target)
        default:
            let rest = scalar - 0x10000
            Self.unicode(0xd800 + (rest >> 10), target)
            Self.unicode(0xdc00 + (rest & 0x3ff), target + 6)
        }
    }

    /// Writes `\u` and four digits.
    static func unicode(_ unit: UInt32, _ target: UnsafeMutablePointer<UInt8>) {
        target[0] = 0x5c
        target[1] = 0x75
        for digit in 0..<4 { target[2 + digit] = Hex.digit(UInt8(truncatingIfNeeded: unit >> UInt32(12 - 4 * digit)) & 15) }
    }

    /// One scalar of strict UTF-8 (Unicode 15, table 3-7), or U+FFFD for one byte.
    private static func decode(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> (UInt32, Int) {
        let bad: (UInt32, Int) = (0xfffd, 1)
        let lead = bytes[index]
        let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
        guard lead >= 0xc2, lead <= 0xf4, index + length <= bytes.count else { return bad }
        var scalar = UInt32(lead) & (length == 2 ? 0x1f : length == 3 ? 0x0f : 0x07)
        for offset in 1..<length {
            guard bytes[index + offset] & 0xc0 == 0x80 else { return bad }
            scalar = scalar << 6 | UInt32(bytes[index + offset] & 0x3f)
        }
        let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard scalar >= least, scalar <= 0x10ffff, !(0xd800...0xdfff).contains(scalar) else { return bad }
        return (scalar, length)
    }
}
