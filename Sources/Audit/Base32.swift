/// Crockford's base 32 in lower case: no i, l, o or u, so that a person can read an id aloud.
enum Base32 {
    private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    /// The digits for the low 40 bits of `value`, the first in the highest byte.
    @inline(__always)
    static func digits(_ value: UInt64) -> UInt64 {
        // Five bits in each byte: halves of 20, then groups of 10, then of 5 move apart.
        var spread = (value & 0xff_fff0_0000) << 12 | value & 0xf_ffff
        spread = (spread & 0x000f_fc00_000f_fc00) << 6 | spread & 0x0000_03ff_0000_03ff
        spread = (spread & 0x03e0_03e0_03e0_03e0) << 3 | spread & 0x001f_001f_001f_001f
        // From `a` on 0x27 more, and one more behind each letter left out: i, l, o, u.
        let letters = reaches(10, spread) &* 0x27
        let gaps = reaches(18, spread) &+ reaches(20, spread) &+ reaches(22, spread) &+ reaches(27, spread)
        return spread &+ 0x3030_3030_3030_3030 &+ letters &+ gaps
    }

    /// 1 in each byte that is at least `bound`; all are below 32.
    @inline(__always)
    private static func reaches(_ bound: UInt64, _ bytes: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        return (bytes &+ ones &* (0x80 &- bound)) >> 7 & ones
    }

    static func value(of character: UInt8) -> UInt8? {
        for index in 0..<32 where alphabet.utf8Start[index] == character { return UInt8(index) }
        return nil
    }
}
