public import Foundation

/// A moment in whole milliseconds since 1970-01-01T00:00:00Z, as the ledger stores it.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func now() -> Timestamp { Timestamp(Date()) }

    public init(_ date: Date) {
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded(.down))
    }

    /// Reads a moment as people and systems write it: `2026-03-01`, `2026-03-01T09:30:00Z`, `2026-03-01 09:30:00.250+02:00`,
    /// or Unix seconds. A moment without an offset is taken as UTC.
    /// - Returns: `nil` for anything else, and for years outside 1970 to 2999, which are misread fields rather than dates.
    public init?(_ text: some StringProtocol) {
        guard let value = TimestampParser.milliseconds(Array(text.utf8)) else { return nil }
        milliseconds = value
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-03-01T09:30:00.250Z`.
    public var description: String {
        let days = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        let rest = Int(milliseconds - days * 86_400_000)
        let (year, month, day) = CivilDate.components(daysSince1970: Int(days))
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(rest / 3_600_000, 2)):"
            + "\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2)).\(padded(rest % 1000, 3))Z"
    }
}
