/// Base 16 (RFC 4648 section 8): either case is read, lower case is written.
public enum Hex {
    /// Appends the bytes that `text` spells.
    /// - Returns: `nil` when all of it was read, else the offset of the first byte that does not belong (`text.count` for a
    ///   missing last digit). Bytes read before that stay appended.
    public static func decode(_ text: Span<UInt8>, into out: inout GrowableBytes) -> Int? {
        out.reserve(text.count / 2)
        var i = 0
        while i < text.count {
            guard let high = text[i].hexDigitValue else { return i }
            guard i + 1 < text.count, let low = text[i + 1].hexDigitValue else { return i + 1 }
            out.append(high << 4 | low)
            i += 2
        }
        return nil
    }

    /// Appends two lower-case digits per byte.
    public static func encode(_ bytes: Span<UInt8>, into out: inout GrowableBytes) {
        out.reserve(bytes.count * 2)
        for i in bytes.indices {
            out.append(character(bytes[i] >> 4))
            out.append(character(bytes[i] & 15))
        }
    }

    private static func character(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
