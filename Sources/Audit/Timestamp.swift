import Glibc

/// UTC in the form 2026-08-05T12:34:56.123456Z, 27 characters. Remembers the last second, which most records share.
struct Timestamp {
    static let length = 27
    private var second: Int64 = .min
    private var text: InlineArray<20, UInt8> = .init(repeating: 0)

    /// Writes the 27 characters.
    mutating func write(_ wall: Int64, to target: UnsafeMutablePointer<UInt8>) {
        // Years 0000 to 9999 have four digits; a clock beyond them is clamped rather than trusted.
        let wall = min(max(wall, -62_167_219_200_000_000), 253_402_300_799_999_999)
        let (second, microseconds) = Self.split(wall)
        if second != self.second { spell(second) }
        text.span.withUnsafeBytes { _ = memcpy(target, $0.baseAddress.unsafelyUnwrapped, 20) }
        var rest = microseconds
        var at = 26
        while at > 20 {
            at &-= 2
            let pair = rest % 100
            rest /= 100
            target[at] = 0x30 &+ UInt8(truncatingIfNeeded: pair / 10)
            target[at &+ 1] = 0x30 &+ UInt8(truncatingIfNeeded: pair % 10)
        }
        target[26] = UInt8(ascii: "Z")
    }

    private static func split(_ wall: Int64) -> (second: Int64, microseconds: UInt32) {
        var second = wall / 1_000_000
        var rest = wall % 1_000_000
        if rest < 0 {
            rest += 1_000_000
            second -= 1
        }
        return (second, UInt32(truncatingIfNeeded: rest))
    }

    private mutating func spell(_ second: Int64) {
        self.second = second
        var days = second / 86_400
        var rest = second % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let date = Self.civil(days)
        put(date.year, digits: 4, at: 0, then: "-")
        put(date.month, digits: 2, at: 5, then: "-")
        put(date.day, digits: 2, at: 8, then: "T")
        put(rest / 3600, digits: 2, at: 11, then: ":")
        put(rest / 60 % 60, digits: 2, at: 14, then: ":")
        put(rest % 60, digits: 2, at: 17, then: ".")
    }

    private mutating func put(_ value: Int64, digits: Int, at place: Int, then separator: Unicode.Scalar) {
        var rest = value
        for index in stride(from: place + digits - 1, through: place, by: -1) {
            text[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        text[place + digits] = UInt8(ascii: separator)
    }

    /// The date of a day counted from 1970-01-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// civil_from_days.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
