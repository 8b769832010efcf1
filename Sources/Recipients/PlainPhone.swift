import Bytes

/// Phone numbers in the spelling that every parser reads alike: digits, blanks, `-`, `.`, `(`, `)` and one plus in front.
enum PlainPhone {
    /// - Parameter skipped: the index of a digit to leave out.
    /// - Returns: the digits, or `nil` when `bytes` hold anything else, too many digits, a plus elsewhere or more than 64
    ///   characters.
    static func digits(in bytes: Span<UInt8>, skipping skipped: Int? = nil) -> DialledDigits? {
        guard bytes.count <= 64 else { return nil }
        if skipped == nil, let dialled = international(bytes) { return dialled }
        var hasPlus = false
        var value: UInt64 = 0
        var count = 0
        for index in prefixLength(of: bytes)..<bytes.count {
            let byte = bytes[index]
            if byte.isASCIIDigit {
                if index == skipped { continue }
                // Too many digits may overflow; the count tells.
                value = value &* 10 &+ UInt64(byte &- 0x30)
                count &+= 1
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): continue
            case UInt8(ascii: "+"):
                guard !hasPlus, count == 0 else { return nil }
                hasPlus = true
            default: return nil
            }
        }
        return DialledDigits(hasPlus: hasPlus, value: value, count: count)
    }

    /// A plus and 8 to 15 digits, as nearly all numbers are written, eight digits at a time.
    private static func international(_ bytes: Span<UInt8>) -> DialledDigits? {
        guard bytes.count >= 9, bytes.count <= 16, bytes[0] == UInt8(ascii: "+") else { return nil }
        let rest = bytes.count &- 9
        // The digits behind the first eight, behind so many zeros that they are eight, too.
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let tail = rest == 0 ? zeros : bytes.word(at: 1 &+ rest) & ~(UInt64.max &>> UInt64(8 &* rest)) | zeros &>> UInt64(8 &* rest)
        guard let high = digits(bytes.word(at: 1)), let low = digits(tail) else { return nil }
        return DialledDigits(hasPlus: true, value: high &* Decimal.power(rest) &+ low, count: bytes.count &- 1)
    }

    /// The number that eight digits are, the first in the lowest bits; `nil` when one of them is none.
    @inline(__always)
    private static func digits(_ word: UInt64) -> UInt64? {
        let value = word &- 0x3030_3030_3030_3030
        let above9 = value &+ 0x7676_7676_7676_7676
        // Bit 7 is set in the first byte that is no digit: one below `0` borrows. Those behind it may say anything.
        guard (value | above9 | word) & 0x8080_8080_8080_8080 == 0 else { return nil }
        let pairs = (value &* 10 &+ value &>> 8) & 0x00ff_00ff_00ff_00ff
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_ffff_0000_ffff
        return (fours &* 10_000 &+ fours &>> 32) & 0xffff_ffff
    }

    /// The digits without the zero of `+1 (0) 415 555 0123`, or `nil` if there is none. Where a country has no such prefix
    /// libphonenumber takes the zero for a digit; people, and providers that tidy up what they are given, leave it out.
    /// - Parameter dialled: what ``digits(in:skipping:)`` read.
    static func digitsWithoutBracketedZero(in bytes: Span<UInt8>, dialled: DialledDigits) -> DialledDigits? {
        // Most numbers have no room for brackets.
        guard bytes.count >= dialled.count + 2, let zero = bracketedZero(in: bytes) else { return nil }
        return digits(in: bytes, skipping: zero)
    }

    /// The index of a zero that stands alone in brackets behind a digit.
    static func bracketedZero(in bytes: Span<UInt8>) -> Int? {
        var zero: Int?
        var isOpen = false
        var hasDigitBefore = false
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "("): (isOpen, zero) = (hasDigitBefore, nil)
            case UInt8(ascii: "0") where isOpen && zero == nil: zero = index
            case UInt8(ascii: " "): continue
            case UInt8(ascii: ")"):
                if isOpen, let zero { return zero }
                isOpen = false
            case let byte:
                isOpen = false
                hasDigitBefore = hasDigitBefore || byte.isASCIIDigit
            }
        }
        return nil
    }

    /// The length of the prefix with which `bytes` start, 0 without one: of a URI, or of an address at some providers. In
    /// small letters only: some parsers know no others.
    private static func prefixLength(of bytes: Span<UInt8>) -> Int {
        guard bytes.count > 0, bytes[0].isASCIILetter else { return 0 }
        if starts(bytes, with: "tel:") || starts(bytes, with: "sms:") { return 4 }
        return starts(bytes, with: "whatsapp:") ? 9 : 0
    }

    private static func starts(_ bytes: Span<UInt8>, with prefix: StaticString) -> Bool {
        guard bytes.count > prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[index] != prefix.utf8Start[index] { return false }
        return true
    }
}
