import Foundation
import Recipients
import Testing

@testable import Ledger

/// The vectors of docs/compliance (section 6), which were counted by hand.
@Suite struct DueDateTests {
    private func due(_ received: String, days: Int = 10, zone: String = "America/New_York") throws -> String {
        let rule = try #require(DueDateRule(businessDays: days, timeZone: zone))
        let moment = rule.dueAt(received: try #require(Timestamp(received)))
        return DueDateRule.localDate(of: moment, calendarVersion: rule.calendarVersion)
    }

    @Test(arguments: [
        ("2026-11-20", "2026-12-07", "2026-12-01"), ("2026-11-21", "2026-12-07", "2026-12-01"), ("2026-11-25", "2026-12-10", "2026-12-04"),
        ("2026-12-18", "2027-01-05", "2026-12-29"), ("2026-10-09", "2026-10-26", "2026-10-20"), ("2026-12-24", "2027-01-11", "2027-01-05"),
        ("2027-06-11", "2027-06-28", "2027-06-22"), ("2027-12-23", "2028-01-10", "2028-01-04"), ("2026-07-02", "2026-07-17", "2026-07-13"),
        ("2027-01-31", "2027-02-12", "2027-02-08"),
    ])
    func tenAndSixBusinessDays(received: String, ten: String, six: String) throws {
        // Noon in New York is the same day in UTC.
        #expect(try due(received + "T17:00:00Z") == ten)
        #expect(try due(received + "T17:00:00Z", days: 6) == six)
    }

    @Test func dayZeroIsTheSendersDay() throws {
        // Friday evening in New York, Saturday in UTC; and one hour after midnight on Monday in New York.
        #expect(try due("2026-11-14T02:00:00Z") == "2026-11-30")
        #expect(try due("2026-11-16T06:00:00Z") == "2026-12-01")
        #expect(try due("2026-11-16T06:00:00Z", zone: "America/Los_Angeles") == "2026-11-30")
        #expect(DueDateRule(timeZone: "Mars/Olympus") == nil)
    }

    @Test func theDayEndsWithItsLastMillisecondAlsoWhenTheClocksChange() throws {
        // The clocks of New York go back on 1 November 2026: due on the 13th, an hour later in UTC than the days before.
        let rule = DueDateRule.standard
        #expect(rule.dueAt(received: try #require(Timestamp("2026-10-29T17:00:00Z"))).description == "2026-11-14T04:59:59.999Z")
        #expect(rule.dueAt(received: try #require(Timestamp("2026-10-15T17:00:00Z"))).description == "2026-10-30T03:59:59.999Z")
    }

    /// Every federal holiday of eleven years as the Office of Personnel Management lists them, observed dates.
    @Test(arguments: [
        (2021, ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-31"]),
        (2022, ["01-17", "02-21", "05-30", "06-20", "07-04", "09-05", "10-10", "11-11", "11-24", "12-26"]),
        (2023, ["01-02", "01-16", "02-20", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"]),
        (2024, ["01-01", "01-15", "02-19", "05-27", "06-19", "07-04", "09-02", "10-14", "11-11", "11-28", "12-25"]),
        (2025, ["01-01", "01-20", "02-17", "05-26", "06-19", "07-04", "09-01", "10-13", "11-11", "11-27", "12-25"]),
        (2026, ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]),
        (2027, ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-31"]),
        (2028, ["01-17", "02-21", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"]),
        (2029, ["01-01", "01-15", "02-19", "05-28", "06-19", "07-04", "09-03", "10-08", "11-12", "11-22", "12-25"]),
        (2030, ["01-01", "01-21", "02-18", "05-27", "06-19", "07-04", "09-02", "10-14", "11-11", "11-28", "12-25"]),
        (2020, ["01-01", "01-20", "02-17", "05-25", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]),
    ])
    func holidays(year: Int, expected: [String]) {
        var found: [String] = []
        for day in CivilDate.days(year: year, month: 1, day: 1)..<CivilDate.days(year: year + 1, month: 1, day: 1) {
            let weekday = BusinessCalendar.weekday(day)
            if weekday != 0, weekday != 6, !BusinessCalendar.isBusinessDay(day) {
                found.append(String(Timestamp(milliseconds: Int64(day) * 86_400_000).description.dropFirst(5).prefix(5)))
            }
        }
        #expect(found == expected)
    }

    /// The dates of a year, worked through with Foundation's calendar instead of ours.
    @Test func agreesWithAnotherCalendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "America/New_York"))
        for offset in 0..<1500 {
            let received = Timestamp(milliseconds: 1_767_225_600_000 + Int64(offset) * 61_000_000)
            let due = DueDateRule.standard.dueAt(received: received)
            let start = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(received.milliseconds) / 1000))
            let end = try #require(calendar.date(byAdding: .day, value: 1, to: calendar.startOfDay(for: Date(timeIntervalSince1970: Double(due.milliseconds) / 1000))))
            #expect(Int64(end.timeIntervalSince1970 * 1000) == due.milliseconds + 1, "the last millisecond of a local day")
            let days = try #require(calendar.dateComponents([.day], from: start, to: end).day) - 1
            #expect((12...18).contains(days), "\(received): \(days) calendar days")
        }
    }

    @Test func theLedgerDatesOptOutsAndNothingElse() throws {
        let directory = try TemporaryDirectory()
        let clock = try #require(Timestamp("2026-11-20T17:00:00Z"))
        let ledger = try PreferenceLedger(path: directory.ledger, now: { clock })
        try ledger.append(event("1"))
        var dated = event("2")
        dated.times = EventTimes(requestedAt: Timestamp("2026-07-02T17:00:00Z"), receivedAt: Timestamp("2026-10-09T17:00:00Z"))
        try ledger.append(dated)
        var own = event("3")
        own.times = EventTimes(dueAt: Timestamp("2026-01-01"), calendarVersion: "casl")
        try ledger.append(own)
        try ledger.append(event("4", .removal))
        let events = try ledger.events(after: 0)
        func dueOn(_ place: Int) -> String? {
            events[place].event.times.dueAt.map { DueDateRule.localDate(of: $0, calendarVersion: events[place].event.times.calendarVersion) }
        }
        #expect(dueOn(0) == "2026-12-07", "recorded is all that is known")
        #expect(dueOn(1) == "2026-10-26", "received counts, not requested")
        #expect(events[2].event.times == own.times, "a date that is given stays")
        #expect(events[3].event.times.dueAt == nil, "a removal has none")
        #expect(events[0].event.times.calendarVersion == "us-federal-1/10/America/New_York")
        #expect(try ledger.verify().isSound)
    }

    @Test func theExportShowsItAndTheImportTakesTheFileBack() throws {
        let directory = try TemporaryDirectory()
        let clock = try #require(Timestamp("2026-11-20T17:00:00Z"))
        let ledger = try PreferenceLedger(path: directory.ledger, now: { clock })
        try ledger.append(event("1"))
        for format in PreferenceExport.Format.allCases {
            var text = ""
            try PreferenceExport(ledger: ledger, format: format).run { text += $0 }
            #expect(text.contains("2026-12-08T04:59:59.999Z"))
            let other = try TemporaryDirectory()
            let copy = try PreferenceLedger(path: other.ledger)
            try text.write(toFile: other.file("export"), atomically: true, encoding: .utf8)
            let reader = IdentifierReader(rules: .standard)
            let options = ImportOptions(source: "test", actor: .init(kind: .operator, name: "ann"))
            #expect(try PreferenceImport(ledger: copy, identifiers: reader, options: options).run(path: other.file("export"), rejected: { _ in }).added == 1)
        }
    }
}
