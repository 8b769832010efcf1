/// DNS names as certificates and SNI carry them: ASCII letters, digits, hyphens and dots.
enum DNSName {
    static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// Whether `name` is a host name of 1 to 253 bytes, with labels of 1 to 63 letters, digits, hyphens and underscores that
    /// neither begin nor end with a hyphen (RFC 1123, and the underscore that is seen in practice). No trailing dot.
    static func isValid(_ name: some Collection<UInt8>) -> Bool {
        guard !name.isEmpty, name.count <= 253 else { return false }
        return name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard (1...63).contains(label.count), label.first != hyphen else { return false }
            var last: UInt8 = 0
            for byte in label {
                switch lowercase(byte) {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen, UInt8(ascii: "_"): last = byte
                default: return false
                }
            }
            return last != hyphen
        }
    }

    /// The same with `*.` allowed in front, for exactly one label and at least two labels behind it.
    static func isValidPattern(_ name: some Collection<UInt8>) -> Bool {
        guard name.starts(with: "*.".utf8) else { return isValid(name) }
        let rest = name.dropFirst(2)
        return isValid(rest) && rest.contains(UInt8(ascii: "."))
    }

    private static let hyphen = UInt8(ascii: "-")
}
