/// The value of a `Date` field (RFC 9110 section 5.6.7), rendered once a second and read many times.
public struct HTTPDate: Sendable {
    /// Seconds since 1970-01-01 UTC that the text stands for.
    public private(set) var seconds: Int
    private var text: InlineArray<29, UInt8> = .init(repeating: 0)

    public init(seconds: Int) {
        self.seconds = seconds
        render()
    }

    /// Moves on to `seconds`; costs one comparison while the second has not changed.
    public mutating func advance(to seconds: Int) {
        guard seconds != self.seconds else { return }
        self.seconds = seconds
        render()
    }

    /// The 29 bytes, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        text.span.withUnsafeBufferPointer(body)
    }

    /// Days to civil date by Howard Hinnant's algorithm; years outside 0 to 9999 are clamped.
    private mutating func render() {
        let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let day = clamped >= 0 ? clamped / 86400 : (clamped - 86399) / 86400
        let time = clamped - day * 86400
        let z = day + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let weekday = ((day + 4) % 7 + 7) % 7

        put("SunMonTueWedThuFriSat", from: weekday * 3, at: 0)
        put(", ", from: 0, count: 2, at: 3)
        put(number: dayOfYear - (153 * shifted + 2) / 5 + 1, width: 2, at: 5)
        text[7] = 0x20
        put("JanFebMarAprMayJunJulAugSepOctNovDec", from: (month - 1) * 3, at: 8)
        text[11] = 0x20
        put(number: year, width: 4, at: 12)
        text[16] = 0x20
        put(number: time / 3600, width: 2, at: 17)
        text[19] = UInt8(ascii: ":")
        put(number: time / 60 % 60, width: 2, at: 20)
        text[22] = UInt8(ascii: ":")
        put(number: time % 60, width: 2, at: 23)
        put(" GMT", from: 0, count: 4, at: 25)
    }

    private mutating func put(_ source: StaticString, from: Int, count: Int = 3, at: Int) {
        for i in 0..<count { text[at + i] = source.utf8Start[from + i] }
    }

    private mutating func put(number: Int, width: Int, at: Int) {
        var rest = number
        for i in stride(from: at + width - 1, through: at, by: -1) {
            text[i] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
    }
}
