/// The working days of the United States' federal government: Monday to Friday without the holidays of 5 U.S.C. 6103, by rule
/// and not by table, so it never runs out.
///
/// A holiday on a Saturday is kept the Friday before, one on a Sunday the Monday after (5 U.S.C. 6103(b), Executive Order
/// 11582); so 31 December 2027 is one. Inauguration Day, days that a president gives off, and the holidays of states and
/// banks count as working days. Right from 1986 on, when the third Monday of January became one; Juneteenth from 2021.
enum BusinessCalendar {
    /// Changes when another rule would give other days.
    static let version = "us-federal-1"

    /// - Parameter day: in days since 1970-01-01.
    static func isBusinessDay(_ day: Int) -> Bool {
        let weekday = weekday(day)
        if weekday == 0 || weekday == 6 { return false }
        if isFixedHoliday(day) || isFloatingHoliday(day, weekday) { return false }
        if weekday == 5, isFixedHoliday(day + 1) { return false }
        if weekday == 1, isFixedHoliday(day - 1) { return false }
        return true
    }

    /// The last of `count` business days after `day`, which itself is not counted.
    static func day(_ count: Int, businessDaysAfter day: Int) -> Int {
        var day = day, left = count
        while left > 0 {
            day += 1
            if isBusinessDay(day) { left -= 1 }
        }
        return day
    }

    /// 0 is Sunday. 1970-01-01 was a Thursday.
    static func weekday(_ day: Int) -> Int { ((day + 4) % 7 + 7) % 7 }

    private static func isFixedHoliday(_ day: Int) -> Bool {
        let date = CivilDate.components(daysSince1970: day)
        switch (date.month, date.day) {
        case (1, 1), (7, 4), (11, 11), (12, 25): return true
        case (6, 19): return date.year >= 2021
        default: return false
        }
    }

    private static func isFloatingHoliday(_ day: Int, _ weekday: Int) -> Bool {
        let date = CivilDate.components(daysSince1970: day)
        let week = (date.day - 1) / 7 + 1
        switch (date.month, weekday) {
        // Martin Luther King, Washington.
        case (1, 1), (2, 1): return week == 3
        // Memorial Day is the last Monday of May.
        case (5, 1): return date.day + 7 > 31
        // Labor Day, Columbus Day, Thanksgiving.
        case (9, 1): return week == 1
        case (10, 1): return week == 2
        case (11, 4): return week == 4
        default: return false
        }
    }
}
