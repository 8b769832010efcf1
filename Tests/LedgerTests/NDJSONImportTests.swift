import Foundation
import GRDB
import Recipients
import Testing
import TestSupport

@testable import Ledger

@Suite struct NDJSONImportTests {
    let directory: TemporaryDirectory
    let ledger: PreferenceLedger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try PreferenceLedger(path: directory.ledger)
    }

    /// - Parameter pieceSize: how many bytes the importer is given at a time.
    private func run(
        _ text: String, into other: PreferenceLedger? = nil, pieceSize: Int = 1 << 16, _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> (totals: ImportProgress, rejected: [RejectedRow]) {
        var options = ImportOptions(source: "crm", actor: EventActor(kind: .operator, name: "ann"))
        change(&options)
        var rest = Array(text.utf8)[...]
        var rejected: [RejectedRow] = []
        let totals = try PreferenceImport(ledger: other ?? ledger, identifiers: plainReader, options: options).run({
            defer { rest = rest.dropFirst(pieceSize) }
            return Array(rest.prefix(pieceSize))
        }, rejected: { rejected.append($0) })
        #expect(totals.bytes == Int64(text.utf8.count))
        return (totals, rejected)
    }

    @Test(arguments: [1, 3, 1000])
    func everyKeyArrives(_ pieceSize: Int) throws {
        let (totals, rejected) = try run(
            "\u{feff}\r\n" + #"{"Phone": "(+1) 415 555-0123", "email":"ADA@example.com", "channels":["sms","voice"], "scope":"program:news","#
                + #""reach":"person","reason":"complaint","requested_at":"2026-03-01","source":"letters","evidence":" said \"no\"\n ", "language":null}"#
                + "\r\n\r\n", pieceSize: pieceSize)
        #expect(rejected == [] && totals.added == 2 && totals.rows == 1)
        let event = try ledger.events(after: 0)[0].event
        #expect(event.identifier == ada && event.channels == [.init(.sms), .init(.voice)] && event.scope == .program("news"))
        #expect(event.reach == .person && event.reason == "complaint" && event.source.system == "letters")
        #expect(event.evidence.words == " said \"no\"\n " && event.evidence.language == nil)
    }

    @Test func whatCSVBroughtIsKnown() throws {
        let csv = "phone,channels,requested_at\n+14155550123,sms voice,2026-01-02\n+14155550199,,\n"
        let ndjson = #"{"phone":"+1 415 555 0123","channel":["voice","sms"],"requested_at":"2026-01-02T00:00:00Z"}"# + "\n"
            + #"{"identifier":"+14155550199"}"#
        #expect(try run(csv).totals.added == 2)
        let (totals, rejected) = try run(ndjson)
        #expect(totals.added == 0 && totals.known == 2 && rejected == [])
    }

    @Test func whatIsNotImportedIsReportedWithItsLine() throws {
        let (totals, rejected) = try run("""
            {"phone":"nonsense"}
            {"phone":"+14155550123"
            ["+14155550123"]
            {"phone":"+14155550123","chanels":"sms"}
            {"phone":1.5}

            {"phone":{"number":"+14155550123"}}
            {"phone":"+14155550123","Phone":"+14155550199"}
            {}
            +14155550123
            {"phone":"+14155550123","channels":["fax"]}
            {"phone":"+14155550199","channels":"sms"}
            """ + "\n{\"phone\":\"" + String(repeating: "1", count: 70_000) + "\"}\n") { $0.format = .ndjson }
        #expect(rejected.map(\.line) == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13])
        #expect(rejected.allSatisfy { !$0.cause.isEmpty && !$0.cause.contains("555") })
        #expect(totals.added == 1 && totals.rows == 12)
        #expect(rejected[3].cause.contains("chanels"))
        #expect(try run(#"{"phone":"+14155550123","colour":"red"}"#) { $0.ignoresUnknownColumns = true }.totals.added == 1)
    }

    /// Property: exported and taken back in either format, the suppressions are the same; a second time changes nothing.
    @Test(arguments: PreferenceExport.Format.allCases, [1, 2, 3])
    func whatIsExportedComesBackAndASecondTimeChangesNothing(_ format: PreferenceExport.Format, _ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let words = ["=1+1", "'tis\n\"enough\"", "\tstop", "", "no, \"never\"; \u{1F6D1}", "-", "a\r\nb"]
        let scopes: [PreferenceScope] = [.everything, .program("a,b"), .purpose("marketing"), .brand("x\"y")]
        try ledger.append(contentsOf: (0..<300).map { i in
            let identifier = i % 3 == 0 ? Identifier(kind: .email, value: "user\(i % 40)@example.com")
                : Identifier(kind: .phone, value: "+1415555\(1000 + Int.random(in: 0..<100, using: &random))")
            let text = words.randomElement(using: &random).flatMap { $0.isEmpty ? nil : $0 }
            return event(
                "e\(i)", .optOut, identifier, on: ChannelSet(rawValue: UInt16.random(in: 1...255, using: &random)),
                scope: scopes.randomElement(using: &random) ?? .everything, reach: Bool.random(using: &random) ? .person : .identifier,
                asked: Bool.random(using: &random) ? nil : Int64.random(in: 0..<1_800_000_000_000, using: &random), words: text)
        })
        var text = ""
        #expect(try PreferenceExport(ledger: ledger, format: format).run { text += $0 } == 300)
        let other = try PreferenceLedger(path: directory.file("other.db"))
        let (totals, rejected) = try run(text, into: other)
        #expect(rejected == [] && totals.rows == 300 && totals.added + totals.known == 300)
        #expect(try other.allSuppressions() == ledger.allSuppressions())
        let position = try other.lastPosition()
        #expect(try run(text, into: other).totals.known == 300 && other.lastPosition() == position)
        #expect(try Set(other.events(after: 0).compactMap(\.event.evidence.words)) == Set(ledger.events(after: 0).compactMap(\.event.evidence.words)))
    }

    /// kill -9, run it again, kill it again: in the end every row is there once.
    @Test(arguments: ["csv", "ndjson"])
    func anImportThatWasKilledIsFinishedByRunningItAgain(_ format: String) throws {
        let path = directory.file("in." + format), rows = 12_000
        let header = format == "csv" ? "phone,channels\n" : ""
        let lines = (0..<rows).map { format == "csv" ? "+1415\(2_000_000 + $0),sms\n" : "{\"phone\":\"+1415\(2_000_000 + $0)\",\"channels\":\"sms\"}\n" }
        try Data((header + lines.joined()).utf8).write(to: URL(fileURLWithPath: path))
        let file = directory.file("killed.db")
        var random = SeededGenerator(seed: 5), last = 0
        for round in 0..<6 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .appendingPathComponent("LedgerCrashWriter")
            process.arguments = [file, "0", path]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            try output.fileHandleForWriting.close()
            var said = Data()
            if round < 5 {
                said = output.fileHandleForReading.availableData
                Thread.sleep(forTimeInterval: Double.random(in: 0..<0.2, using: &random))
                kill(process.processIdentifier, SIGKILL)
            }
            said += try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            let added = String(decoding: said, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }.max() ?? 0
            let ledger = try PreferenceLedger(path: file)
            let position = Int(try ledger.lastPosition())
            #expect(position >= last + added && position <= rows)
            last = position
            if round == 5 { #expect(position == rows && process.terminationStatus == 0) }
            #expect(try ledger.countSuppressions() == position)
            try ledger.pool.close()
        }
        let ledger = try PreferenceLedger(path: file)
        #expect(try ledger.verify().isSound)
    }
}
