/// The digits of a phone number as somebody wrote them, before anybody has decided what they mean.
struct DialledDigits: Hashable, Sendable {
    /// International access code (3) and 15 digits.
    static let limit = 18

    private(set) var hasPlus = false
    /// The digits as a decimal number; leading zeros show only in ``count``.
    private(set) var value: UInt64 = 0
    private(set) var count = 0

    init() {}

    /// - Returns: `nil` when there are too many digits; `value` need not be right then.
    init?(hasPlus: Bool, value: UInt64, count: Int) {
        guard count <= Self.limit else { return nil }
        self.hasPlus = hasPlus
        self.value = value
        self.count = count
    }

    /// - Returns: `false` when the plus stands after a digit or another plus.
    mutating func appendPlus() -> Bool {
        if hasPlus || count > 0 { return false }
        hasPlus = true
        return true
    }

    /// - Returns: `false` when there are too many digits.
    mutating func append(digit: UInt8) -> Bool {
        guard count < Self.limit else { return false }
        value = value * 10 + UInt64(digit)
        count += 1
        return true
    }

    var startsWithZero: Bool { count > 0 && value < Decimal.power(count - 1) }

    /// The digits as they are, read as country code and number.
    var international: E164? { E164(value, count: count) }

    /// The number behind the access code `00`, which most countries use.
    var afterDoubleZero: E164? { E164(value, count: count - 2) }

    /// The number behind North America's access code `011`.
    var afterNorthAmericanAccessCode: E164? {
        guard count > 3, value / Decimal.power(count - 3) == 11 else { return nil }
        return E164(value % Decimal.power(count - 3), count: count - 3)
    }

    /// The digits without the first, if that is `digit`.
    func removing(_ digit: UInt64) -> DialledDigits? {
        guard count > 1, value / Decimal.power(count - 1) == digit else { return nil }
        return DialledDigits(hasPlus: false, value: value % Decimal.power(count - 1), count: count - 1)
    }

    /// The digits with a country's calling code in front.
    func behind(callingCode: Int) -> E164? {
        let length = callingCode < 10 ? 1 : callingCode < 100 ? 2 : 3
        guard count + length <= E164.lengths.upperBound else { return nil }
        return E164(UInt64(callingCode) * Decimal.power(count) + value, count: count + length)
    }

    /// ASCII digits with leading zeros, of which the first ``count`` places are used.
    var digits: InlineArray<18, UInt8> {
        var result = InlineArray<18, UInt8>(repeating: 0x30)
        var rest = value
        for index in stride(from: count - 1, through: 0, by: -1) {
            result[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return result
    }
}
