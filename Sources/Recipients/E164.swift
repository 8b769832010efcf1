import Bytes

/// A phone number with its country code: 7 to 15 digits, the first not 0 (ITU-T E.164), packed into a word.
struct E164: Hashable, Sendable {
    static let lengths = 7...15

    /// The digits as a decimal number: without a leading 0 nothing is lost.
    let value: UInt64
    let count: Int

    private init(value: UInt64, count: Int) {
        self.value = value
        self.count = count
    }

    /// - Returns: `nil` unless `value` has exactly `count` digits and that many are allowed.
    init?(_ value: UInt64, count: Int) {
        guard Self.lengths.contains(count), value >= Decimal.power(count - 1), value < Decimal.power(count) else {
            return nil
        }
        self.init(value: value, count: count)
    }

    /// Fills unused places of inline arrays.
    static let none = E164(value: 0, count: 0)

    /// The first `length` digits, as a number.
    func prefix(_ length: Int) -> UInt64 { value / Decimal.power(count - length) }

    /// The digits after the first `length`, as a number; leading zeros are in `count - length`.
    func suffix(after length: Int) -> UInt64 { value % Decimal.power(count - length) }

    /// The number without `digit`, if that is what follows the first `length` digits and enough is left.
    func removing(_ digit: UInt64, behind length: Int) -> E164? {
        guard count > length + 1, prefix(length + 1) % 10 == digit else { return nil }
        return E164(prefix(length) * Decimal.power(count - length - 1) + suffix(after: length + 1), count: count - 1)
    }

    /// ASCII digits, of which the first ``count`` places are used.
    var digits: InlineArray<15, UInt8> {
        var result = InlineArray<15, UInt8>(repeating: 0)
        var rest = value
        for index in stride(from: count - 1, through: 0, by: -1) {
            result[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return result
    }

    /// `+` and the digits.
    var text: String { "+\(value)" }

    /// Appends ``text`` without allocating.
    func appendText(to output: inout GrowableBytes) {
        output.append(UInt8(ascii: "+"))
        output.fill(room: count) { room in
            var rest = value
            var index = count
            while index > 0 {
                index &-= 1
                let tenth = rest / 10
                room[index] = 0x30 &+ UInt8(truncatingIfNeeded: rest &- tenth &* 10)
                rest = tenth
            }
            return count
        }
    }
}
