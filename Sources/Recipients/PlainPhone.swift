import Bytes

/// Phone numbers in the spelling that every parser reads alike: digits, blanks, `-`, `.`, `(`, `)` and one plus in front.
enum PlainPhone {
    /// Prefixes of the URIs and of the addresses of some providers. Longer ones first where one begins with another.
    private static let prefixes: [StaticString] = ["tel:", "sms:", "whatsapp:"]

    /// - Returns: the digits, or `nil` when `bytes` hold anything else, too many digits or a plus elsewhere.
    static func digits(in bytes: Span<UInt8>) -> DialledDigits? {
        var dialled = DialledDigits()
        for index in prefixLength(of: bytes)..<bytes.count {
            switch bytes[index] {
            case let byte where byte.isASCIIDigit:
                guard dialled.append(digit: byte &- 0x30) else { return nil }
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): continue
            case UInt8(ascii: "+"):
                guard dialled.appendPlus() else { return nil }
            default: return nil
            }
        }
        return dialled
    }

    /// The length of the prefix with which `bytes` start, 0 without one. In small letters only: some parsers know no others.
    private static func prefixLength(of bytes: Span<UInt8>) -> Int {
        guard bytes.count > 0, bytes[0].isASCIILetter else { return 0 }
        for prefix in prefixes where starts(bytes, with: prefix) { return prefix.utf8CodeUnitCount }
        return 0
    }

    private static func starts(_ bytes: Span<UInt8>, with prefix: StaticString) -> Bool {
        guard bytes.count > prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[index] != prefix.utf8Start[index] { return false }
        return true
    }
}
