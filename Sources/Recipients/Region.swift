import Bytes

/// A country or territory by its two letters (CLDR, ISO 3166), whose dialling habits a number without a country code may
/// follow.
public struct Region: Sendable, Hashable, CustomStringConvertible {
    private let first: UInt8
    private let second: UInt8
    /// The region's country calling code, 1 to 999.
    let callingCode: Int

    /// - Returns: `nil` when libphonenumber does not know `code`. Upper or lower case.
    public init?(_ code: String) {
        let letters = code.utf8.map(\.asciiLowercased)
        guard letters.count == 2, letters.allSatisfy(\.isASCIILetter) else { return nil }
        first = letters[0] & 0xdf
        second = letters[1] & 0xdf
        let found = PhoneNumberLibrary.callingCode(of: [CChar(first), CChar(second), 0])
        guard found > 0 else { return nil }
        callingCode = found
    }

    /// Whether numbers there have ten digits behind the country code 1.
    public var isNorthAmerican: Bool { callingCode == 1 }

    public var description: String { String(decoding: [first, second], as: UTF8.self) }

    /// Whether the region dials nothing before a number but `0` or `1` within the country and `00` or `011` abroad, and has no
    /// other rule for it: see `nationalPrefixForParsing` and `internationalPrefix` in libphonenumber's metadata. Regions that
    /// are missing here cost time, never correctness.
    var hasPlainPrefixes: Bool {
        let code = UInt16(first) << 8 | UInt16(second)
        return Self.plain.contains(code)
    }

    private static let plain: Set<UInt16> = Set(
        [
            "AE", "AT", "BE", "BG", "CA", "CH", "CZ", "DE", "DK", "DO", "EE", "EG", "ES", "FR", "GR", "HR", "IE", "IN", "IT", "JM", "JO",
            "KW", "LK", "LV", "MA", "MT", "MY", "NL", "NO", "NP", "PH", "PK", "PL", "PR", "PT", "QA", "RO", "RS", "SA", "SE", "SK", "TN",
            "TR", "UA", "US", "VE", "VN", "ZA",
        ].map { $0.utf8.reduce(0) { $0 << 8 | UInt16($1) } })

    /// The two letters and NUL, as C wants them.
    var letters: InlineArray<3, CChar> { [CChar(first), CChar(second), 0] }
}
