/// Checks that bytes are UTF-8 as RFC 3629 and the Unicode standard (table 3-7) define it: no overlong forms, no
/// surrogates, nothing above U+10FFFF, nothing cut short.
public enum UTF8Validation {
    @inlinable public static func isValid(_ bytes: Span<UInt8>) -> Bool { firstInvalid(in: bytes) == nil }

    /// - Returns: the index of the first byte of the first ill-formed sequence, or `nil` when all of `bytes` is UTF-8.
    /// - Complexity: linear, one pass, eight bytes at a time through ASCII. No allocation.
    public static func firstInvalid(in bytes: Span<UInt8>) -> Int? {
        let raw = bytes.bytes
        let count = bytes.count
        var index = 0
        while index < count {
            let lead = bytes[index]
            if lead < 0x80 {
                if index + 8 <= count {
                    let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                    if word & 0x8080_8080_8080_8080 == 0 {
                        index += 8
                        continue
                    }
                }
                index += 1
                continue
            }
            guard let length = sequenceLength(in: bytes, at: index, lead: lead) else { return index }
            index += length
        }
        return nil
    }

    /// The length of the well-formed sequence of two to four bytes at `index`.
    private static func sequenceLength(in bytes: Span<UInt8>, at index: Int, lead: UInt8) -> Int? {
        let length: Int
        // The second byte's range is narrower after some leads: that is what keeps out overlong forms and surrogates.
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xe1...0xec, 0xee, 0xef: (length, second) = (3, 0x80...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return nil
        }
        guard bytes.count - index >= length, second.contains(bytes[index + 1]) else { return nil }
        for offset in 2..<max(length, 2) where bytes[index + offset] & 0xc0 != 0x80 { return nil }
        return length
    }
}
