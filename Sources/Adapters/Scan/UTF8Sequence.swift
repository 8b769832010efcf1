/// Validation of one UTF-8 sequence (RFC 3629; Unicode table 3-7): no overlong forms, no surrogates, nothing past U+10FFFF.
enum UTF8Sequence {
    /// The scalar whose sequence begins at `offset` and how many bytes it takes; a length of 0 when it is not valid UTF-8.
    @inline(__always)
    static func decode(_ bytes: Span<UInt8>, at offset: Int) -> (scalar: UInt32, length: Int) {
        let lead = bytes[offset]
        if lead < 0x80 { return (UInt32(lead), 1) }
        let left = bytes.count - offset
        if lead >= 0xc2 && lead < 0xe0 {
            guard left >= 2, bytes[offset + 1] & 0xc0 == 0x80 else { return (0, 0) }
            return (UInt32(lead & 0x1f) << 6 | UInt32(bytes[offset + 1] & 0x3f), 2)
        }
        if lead & 0xf0 == 0xe0 {
            guard left >= 3, bytes[offset + 1] & 0xc0 == 0x80, bytes[offset + 2] & 0xc0 == 0x80 else { return (0, 0) }
            let scalar = UInt32(lead & 0x0f) << 12 | UInt32(bytes[offset + 1] & 0x3f) << 6 | UInt32(bytes[offset + 2] & 0x3f)
            return scalar < 0x800 || scalar & 0xf800 == 0xd800 ? (0, 0) : (scalar, 3)
        }
        guard lead >= 0xf0, lead < 0xf5, left >= 4, bytes[offset + 1] & 0xc0 == 0x80, bytes[offset + 2] & 0xc0 == 0x80,
            bytes[offset + 3] & 0xc0 == 0x80
        else { return (0, 0) }
        let scalar =
            UInt32(lead & 0x07) << 18 | UInt32(bytes[offset + 1] & 0x3f) << 12
            | UInt32(bytes[offset + 2] & 0x3f) << 6 | UInt32(bytes[offset + 3] & 0x3f)
        return scalar < 0x10000 || scalar > 0x10ffff ? (0, 0) : (scalar, 4)
    }

    /// Whether the scalar is a control character (general category Cc).
    @inline(__always)
    static func isControl(_ scalar: UInt32) -> Bool { scalar < 0x20 || (scalar >= 0x7f && scalar < 0xa0) }
}
