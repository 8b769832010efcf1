public import Foundation

/// When the law wants an opt-out honoured at the latest: the end of the tenth business day after it was received (47 CFR
/// 64.1200(a)(10), 16 CFR 316.4(a)), counted in the sender's own time zone.
///
/// The date is evidence beside the event. What the gate enforces does not wait for it: an opt-out holds when it is acknowledged.
public struct DueDateRule: Equatable, Sendable {
    public var businessDays: Int
    /// Where the days begin and end.
    public var timeZone: TimeZone

    /// - Parameter timeZone: a name of the tz database, such as `America/New_York`.
    /// - Returns: `nil` for a name that this system does not know.
    public init?(businessDays: Int = 10, timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        self.init(businessDays: businessDays, timeZone: zone)
    }

    private init(businessDays: Int, timeZone: TimeZone) {
        self.businessDays = businessDays
        self.timeZone = timeZone
    }

    /// Ten business days in New York, or in UTC where the system has no time zones.
    public static let standard = DueDateRule(businessDays: 10, timeZone: TimeZone(identifier: "America/New_York") ?? .gmt)

    /// Calendar, days and zone, as the ledger keeps them with every date: `us-federal-1/10/America/New_York`.
    public var calendarVersion: String { "\(BusinessCalendar.version)/\(businessDays)/\(timeZone.identifier)" }

    /// The last millisecond in which the opt-out is honoured in time.
    /// - Parameter received: the day that this falls on in ``timeZone`` is day 0, whatever day it is.
    public func dueAt(received: Timestamp) -> Timestamp {
        let day = Self.localDay(of: received, in: timeZone)
        let due = BusinessCalendar.day(businessDays, businessDaysAfter: day)
        return Timestamp(milliseconds: midnight(beginning: due + 1) - 1)
    }

    /// The date on which `moment` falls in the zone that `calendarVersion` names, `2026-12-07`; in UTC when it names none.
    public static func localDate(of moment: Timestamp, calendarVersion: String?) -> String {
        let name = calendarVersion?.split(separator: "/", maxSplits: 2).last.map(String.init)
        let zone = name.flatMap { TimeZone(identifier: $0) } ?? .gmt
        let midnight = Timestamp(milliseconds: Int64(localDay(of: moment, in: zone)) * 86_400_000)
        return String(midnight.description.prefix(10))
    }

    private static func localDay(of moment: Timestamp, in zone: TimeZone) -> Int {
        let local = moment.milliseconds + offset(moment.milliseconds, zone)
        return Int((local >= 0 ? local : local - 86_399_999) / 86_400_000)
    }

    /// The first moment of a local day. The offset is that of the moment sought, so it is looked up where the last guess says.
    private func midnight(beginning day: Int) -> Int64 {
        let local = Int64(day) * 86_400_000
        return local - Self.offset(local - Self.offset(local, timeZone), timeZone)
    }

    private static func offset(_ milliseconds: Int64, _ zone: TimeZone) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000))) * 1000
    }
}
