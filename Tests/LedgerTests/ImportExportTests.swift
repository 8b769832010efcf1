import Foundation
import Recipients
import Testing

@testable import Ledger

@Suite struct ImportExportTests {
    let directory: TemporaryDirectory
    let ledger: PreferenceLedger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try PreferenceLedger(path: directory.ledger)
    }

    private func run(
        _ text: String, into other: PreferenceLedger? = nil, _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> (totals: ImportProgress, rejected: [RejectedRow]) {
        var options = ImportOptions(source: "crm.csv", actor: EventActor(kind: .operator, name: "ann"))
        change(&options)
        let path = directory.file("in.csv")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        var rejected: [RejectedRow] = []
        let totals = try PreferenceImport(ledger: other ?? ledger, identifiers: plainReader, options: options)
            .run(path: path, rejected: { rejected.append($0) })
        return (totals, rejected)
    }

    @Test func everyColumnArrives() throws {
        let (totals, rejected) = try run(
            "\u{feff}Phone,E-Mail,Channels,Scope,Reach,Reason,Requested At,Source,Evidence\r\n"
                + "(+1) 415 555-0123,ADA@example.com,\"sms, voice\",program:news,person,complaint,2026-03-01,letters,\"said \"\"no\"\"\"\r\n")
        #expect(rejected == [] && totals.added == 2 && totals.rows == 1)
        let event = try ledger.events(after: 0)[0].event
        #expect(event.identifier == ada && event.identity.asReceived == "(+1) 415 555-0123")
        #expect(event.channels == [.init(.sms), .init(.voice)] && event.scope == .program("news") && event.reach == .person)
        #expect(event.reason == "complaint" && event.times.requestedAt == Timestamp("2026-03-01"))
        #expect(event.source == EventSource(method: .import, system: "letters") && event.evidence.words == "said \"no\"")
        #expect(try ledger.check(adaMail).blockedChannels(in: .program("news")) == [.init(.sms), .init(.voice)])
    }

    @Test func aRowWithoutAChannelStopsThemAll() throws {
        _ = try run("identifier\n+14155550123\n")
        #expect(try ledger.check(ada).blockedChannels == .all)
    }

    @Test func theSameFileTwiceChangesNothing() throws {
        let rows = (0..<9000).map { "+1415555\(1000 + $0),sms,\($0 % 3 == 0 ? "2026-01-02" : "")" }
        let text = "phone,channel,requested_at\n" + (rows + [rows[0]]).joined(separator: "\n")
        let first = try run(text).totals
        #expect(first.added == 9000 && first.known == 1 && first.rows == 9001)
        let before = try ledger.lastPosition(), states = try ledger.allSuppressions()
        let second = try run(text).totals
        #expect(second.added == 0 && second.known == 9001)
        // Spelled otherwise, and in another order of columns, it still says the same.
        #expect(try run("channel,requested_at,phone\nsms,2026-01-02T00:00:00Z,+1 (415) 555-1000\n").totals.known == 1)
        #expect(try ledger.lastPosition() == before && ledger.allSuppressions() == states)
    }

    @Test func anImportNeverBringsBackWhatSheLiftedSince() throws {
        _ = try run("phone,channels\n+14155550123,sms\n")
        try ledger.append(event("start", .optIn, on: .init(.sms)))
        _ = try run("phone,channels\n+14155550123,sms\n")
        #expect(try ledger.check(ada).blockedChannels == [])
    }

    @Test func everyRowThatIsNotImportedIsReportedWithItsLine() throws {
        let (totals, rejected) = try run("""
            phone,channels,requested_at,kind
            nonsense,sms,,
            +14155550123,fax,,
            +14155550123,sms,yesterday,
            ,sms,,
            +14155550123,sms,,,surplus
            "two
            lines",sms,,
            "+14155550123
            +14155550199,sms,,
            +14155550123,sms,,pigeon
            """)
        #expect(rejected.map(\.line) == [2, 3, 4, 5, 6, 7, 9, 11])
        #expect(rejected.allSatisfy { !$0.cause.isEmpty && !$0.cause.contains("555") })
        #expect(rejected[0].text == "nonsense,sms,,")
        #expect(totals.rows == 9 && totals.rejected == 8 && totals.added == 1)
        #expect(try ledger.check(bob).blockedChannels == .init(.sms))
    }

    @Test func theRejectedRowsFileIsPrivateAndHarmless() throws {
        let file = try RejectedRowFile(path: directory.file("rejected.csv"))
        try file.write(RejectedRow(line: 3, cause: "no number", text: "=HYPERLINK(\"x\"),sms"))
        let text = try String(contentsOfFile: directory.file("rejected.csv"), encoding: .utf8)
        #expect(text == "line,cause,row\r\n3,no number,\"'=HYPERLINK(\"\"x\"\"),sms\"\r\n")
        let mode = try FileManager.default.attributesOfItem(atPath: directory.file("rejected.csv"))[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }

    @Test func aDryRunCountsAndRecordsNothing() throws {
        try ledger.append(event("1"))
        _ = try run("phone\n+14155550123\n")
        let position = try ledger.lastPosition()
        let (totals, rejected) = try run("phone\n+14155550123\n+14155550199\n+14155550199\nx\n") { $0.isDryRun = true }
        #expect(totals.added == 1 && totals.known == 2 && totals.rejected == 1 && rejected.map(\.line) == [5])
        #expect(try ledger.lastPosition() == position)
    }

    @Test(arguments: [
        ("", ImportFailure.empty),
        ("name,reason\nx,y\n", .noIdentifierColumn),
        ("phone,chanels\n+14155550123,sms\n", .unknownColumns(["chanels"])),
        ("phone,Phone\n+14155550123,+14155550123\n", .repeatedColumn("Phone")),
    ])
    func aHeaderThatMeansNothingStopsTheImport(_ text: String, _ failure: ImportFailure) throws {
        #expect(throws: failure) { try run(text) }
        #expect(try ledger.lastPosition() == 0)
    }

    @Test func unknownColumnsMayBeIgnoredByRequest() throws {
        #expect(try run("phone,favourite colour\n+14155550123,red\n") { $0.ignoresUnknownColumns = true }.totals.added == 1)
    }

    @Test func limitsStopTheImportAndKeepWhatWasRead() throws {
        let text = "phone\n" + (0..<10).map { "+1415555010\($0)" }.joined(separator: "\n")
        #expect(throws: ImportFailure.tooManyRows(limit: 9)) { try run(text) { $0.limits.rows = 9 } }
        #expect(try ledger.lastPosition() == 10)
        #expect(try run(text) { $0.limits.rows = 10 }.totals.known == 10)
        #expect(throws: ImportFailure.tooManyBytes(limit: 20)) { try run(text) { $0.limits.bytes = 20 } }
        #expect(throws: ImportFailure.tooManyRejected(limit: 1, line: 3)) { try run("phone\nx\ny\nz\n") { $0.limits.rejectedRows = 1 } }
    }

    @Test func whatIsExportedComesBack() throws {
        try ledger.append(event("1", on: [.init(.sms), .init(.voice)], scope: .program("a,b"), reach: .person, asked: 1_760_000_000_000, words: "=1+1"))
        try ledger.append(event("2", .optOut, adaMail, on: .init(.email), words: "'tis\n\"enough\"", reason: nil))
        try ledger.append(event("3", .optIn, on: .init(.voice), scope: .program("a,b"), reach: .person))
        var text = ""
        #expect(try PreferenceExport(ledger: ledger, format: .csv).run { text += $0 } == 2)
        #expect(text.hasPrefix("identifier,kind,channels,scope,reach,reason,requested_at,"))
        // Nothing a spreadsheet would take for a formula.
        #expect(text.contains("'+14155550123,phone,sms,") && text.contains(",'=1+1,"))
        let other = try PreferenceLedger(path: directory.file("other.db"))
        let (totals, rejected) = try run(text, into: other)
        #expect(rejected == [] && totals.added == 2)
        #expect(try other.allSuppressions() == ledger.allSuppressions())
        let events = try other.events(after: 0).map(\.event)
        #expect(events.map(\.evidence.words) == ["=1+1", "'tis\n\"enough\""])
        #expect(events[0].times.requestedAt == Timestamp(milliseconds: 1_760_000_000_000))
    }

    @Test func ndjsonIsOneObjectALine() throws {
        try ledger.append(contentsOf: (0..<2500).map { event("e\($0)", .optOut, Identifier(kind: .phone, value: "+1415555\($0 + 1000)")) })
        var text = ""
        #expect(try PreferenceExport(ledger: ledger, format: .ndjson).run { text += $0 } == 2500)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2500)
        let first = try JSONDecoder().decode([String: String].self, from: Data(lines[0].utf8))
        #expect(first["identifier"] == "+14155551000" && first["channels"] == "sms mms rcs whatsapp" && first["received_at"] == nil)
    }

    @Test func listingPagesAndFilters() throws {
        try ledger.append(contentsOf: [
            event("1", reason: "stop"), event("2", .optOut, adaMail, on: .init(.email), method: .letter),
            event("3", .optOut, bob, on: .init(.voice), scope: .program("x"), reason: "stop"),
        ])
        func ids(_ change: (inout SuppressionFilter) -> Void) throws -> [String] {
            var filter = SuppressionFilter()
            change(&filter)
            return try ledger.suppressions(filter).map(\.event.event.id)
        }
        #expect(try ids { _ in } == ["1", "2", "3"])
        #expect(try ids { $0.kind = .email } == ["2"])
        #expect(try ids { $0.channel = .voice } == ["3"])
        #expect(try ids { $0.reason = "stop" } == ["1", "3"])
        #expect(try ids { $0.method = .letter } == ["2"])
        #expect(try ids { $0.scope = .everything } == ["1", "2"])
        #expect(try ids { $0.prefix = "+1415555" } == ["1", "3"])
        #expect(try ids { $0.prefix = "%" } == [])
        #expect(try ids { $0.recordedFrom = .now().earlier(hours: 1) }.count == 3)
        #expect(try ids { $0.recordedBefore = .now().earlier(hours: 1) } == [])
        #expect(try ledger.suppressions(after: 1, limit: 1).map(\.event.position) == [2])
        #expect(try ledger.countSuppressions() == 3)
    }
}

extension Timestamp {
    func earlier(hours: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds - hours * 3_600_000) }
}
