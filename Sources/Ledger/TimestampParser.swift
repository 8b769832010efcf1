/// A strict reader of RFC 3339 moments, plain dates and Unix seconds. Linear, allocation-free, never traps.
struct TimestampParser {
    private let text: [UInt8]
    private var next = 0

    static func milliseconds(_ text: [UInt8]) -> Int64? {
        guard text.count <= 40 else { return nil }
        if (9...11).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) {
            return text.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) } * 1000
        }
        var parser = TimestampParser(text: text)
        return parser.moment()
    }

    private init(text: [UInt8]) { self.text = text }

    private mutating func moment() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            (1970...2999).contains(year), (1...12).contains(month), (1...CivilDate.daysIn(month: month, year: year)).contains(day)
        else { return nil }
        let midnight = Int64(CivilDate.days(year: year, month: month, day: day)) * 86_400_000
        if next == text.count { return midnight }
        guard take("T") || take("t") || take(" "), let hour = number(2), take(":"), let minute = number(2),
            hour < 24, minute < 60
        else { return nil }
        var value = midnight + Int64(hour) * 3_600_000 + Int64(minute) * 60_000
        if take(":") {
            // 60 is a leap second, which Unix time counts as the first second of the next minute.
            guard let second = number(2), second <= 60 else { return nil }
            value += Int64(second) * 1000
            if take(".") || take(",") {
                guard let fraction = fraction() else { return nil }
                value += fraction
            }
        }
        guard let offset = offset() else { return nil }
        return next == text.count ? value - offset : nil
    }

    /// Milliseconds east of UTC; 0 when the text ends here.
    private mutating func offset() -> Int64? {
        if next == text.count || take("Z") || take("z") { return 0 }
        let west = take("-")
        guard west || take("+"), let hours = number(2) else { return nil }
        _ = take(":")
        guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        let size = Int64(hours) * 3_600_000 + Int64(minutes) * 60_000
        return west ? -size : size
    }

    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 100
        let start = next
        while next < text.count, (0x30...0x39).contains(text[next]) {
            value += Int64(text[next] - 0x30) * scale
            scale /= 10
            next += 1
        }
        return next > start ? value : nil
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard next + digits <= text.count else { return nil }
        var value = 0
        for byte in text[next..<(next + digits)] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        next += digits
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next < text.count, text[next] == UInt8(ascii: character) else { return false }
        next += 1
        return true
    }
}
