/// Crockford's base 32 in lower case: no i, l, o or u, so that a person can read an id aloud.
enum Base32 {
    private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    /// The digit for the low five bits of `value`.
    @inline(__always)
    static func digit(_ value: UInt64) -> UInt8 { alphabet.utf8Start[Int(value & 31)] }

    static func value(of character: UInt8) -> UInt8? {
        for index in 0..<32 where alphabet.utf8Start[index] == character { return UInt8(index) }
        return nil
    }
}
