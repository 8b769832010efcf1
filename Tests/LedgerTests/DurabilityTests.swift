import Foundation
import GRDB
import Recipients
import Testing

@testable import Ledger

@Suite struct DurabilityTests {
    /// A copy of the files as they lie while the ledger is open is what a crash leaves.
    @Test func whatWasAppendedIsThereWithoutAClose() throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(contentsOf: (0..<500).map { event("e\($0)", .optOut, Identifier(kind: .phone, value: "+1\($0)")) })
        let image = directory.file("image.db")
        for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: directory.ledger + suffix, toPath: image + suffix) }
        let reopened = try PreferenceLedger(path: image)
        #expect(try reopened.lastPosition() == 500 && reopened.allSuppressions() == ledger.allSuppressions() && reopened.verify().isSound)
        try reopened.append(event("next"))
        #expect(try reopened.lastPosition() == 501)
    }

    @Test func killedWhileAppendingEveryAcknowledgedEventIsThere() throws {
        let directory = try TemporaryDirectory()
        let writer = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("LedgerCrashWriter")
        var acknowledged = -1
        for round in 0..<8 {
            let process = Process()
            process.executableURL = writer
            process.arguments = [directory.ledger, "\(acknowledged + 1)"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            try output.fileHandleForWriting.close()
            var text = ""
            let enough = 20 + round * 7
            while text.split(separator: "\n").count < enough {
                let piece = output.fileHandleForReading.availableData
                if piece.isEmpty { break }
                text += String(decoding: piece, as: UTF8.self)
            }
            kill(process.processIdentifier, SIGKILL)
            text += String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
            // A line that was cut short was written after its append returned, too.
            let said = text.split(separator: "\n").compactMap { Int($0) }
            #expect(said.count >= enough)
            let ledger = try PreferenceLedger(path: directory.ledger)
            let recorded = Set(try ledger.events(after: 0, limit: 100_000).map(\.event.id))
            acknowledged = try #require(said.max())
            for number in 0...acknowledged { #expect(recorded.contains("crash-\(number)")) }
            // At most the one append that had not answered yet is there besides.
            #expect(recorded.count <= acknowledged + 2)
            #expect(try ledger.verify().problems == [])
            acknowledged = recorded.count - 1
            try ledger.pool.close()
        }
    }

    @Test func readersSeeWholeTransactionsWhileAWriterWorks() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        let sink = RecordingSink()
        try ledger.attach(sink, after: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for batch in 0..<60 {
                    // Both or neither: an opt-out of one and an opt-in of the other in one transaction.
                    let (blocked, freed) = batch % 2 == 0 ? (ada, bob) : (bob, ada)
                    try ledger.append(contentsOf: [event("o\(batch)", .optOut, blocked), event("i\(batch)", .optIn, freed)])
                    let told = sink.states[RecordingSink.Pair(identifier: blocked, scope: .everything)]
                    #expect(told == .phoneMessages, "the sink knows before the append returns")
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    var last = LedgerPosition(0)
                    while last < 120 {
                        var seen = 0
                        let position = try ledger.forEachSuppression { _ in seen += 1 }
                        #expect(position % 2 == 0 && position >= last && seen == (position == 0 ? 0 : 1))
                        last = position
                        // Readers that spin would leave the writer no thread on a small machine.
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func manyWritersAtOnceKeepTheChainWhole() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask { for number in 0..<25 { try ledger.append(event("w\(writer)-\(number % 20)")) } }
            }
            try await group.waitForAll()
        }
        #expect(try ledger.lastPosition() == 160 && ledger.verify().isSound)
    }

    @Test(arguments: [
        "UPDATE preference SET channels = 1", "DELETE FROM preference", "INSERT INTO preference VALUES (99, 1, 'everything', 0, 1, 0, 0)",
        "UPDATE identifier SET value = '+19999999999'", "UPDATE ledger_state SET value = 7 WHERE name = 'folded_position'",
        "DELETE FROM link",
    ])
    func verifyFindsWhatDoesNotFollowAndRebuildMendsIt(_ damage: String) throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(contentsOf: [event("1"), event("2", .link, ada, with: adaMail), event("3", .optOut, adaMail, reach: .person)])
        let states = try ledger.allSuppressions()
        try ledger.pool.write { try $0.execute(sql: damage) }
        let found = try ledger.verify()
        #expect(!found.isSound && !found.problems.contains { $0.contains("9999") })
        try ledger.rebuild()
        #expect(try ledger.verify().isSound && ledger.allSuppressions() == states)
    }

    @Test(arguments: [
        ("UPDATE event SET words = 'yes, write me' WHERE position = 2", "event 2: its hash"),
        ("UPDATE event SET recorded_at = 5 WHERE position = 1", "event 1: its hash"),
        ("DELETE FROM event WHERE position = 2", "event 2: missing"),
    ])
    func verifyFindsAnEditedEvent(_ damage: String, _ complaint: String) throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(contentsOf: [event("1"), event("2", .optOut, bob), event("3", .optOut, adaMail)])
        try ledger.pool.write { db in
            try db.execute(sql: "DROP TRIGGER event_is_never_changed; DROP TRIGGER event_is_never_removed;")
            try db.execute(sql: damage)
        }
        #expect(try ledger.verify().problems.contains { $0.hasPrefix(complaint) })
    }

    /// Damage of SQLite's own: found, and not read on, which would end the process.
    @Test(arguments: [
        "UPDATE sqlite_master SET sql = replace(sql, 'replied_to', 'replied_tp') WHERE name = 'event'",
        "UPDATE sqlite_master SET sql = replace(sql, 'channels INTEGER NOT NULL, scope', 'channels TEXT NOT NULL, scope') WHERE name = 'event'",
        "UPDATE sqlite_master SET sql = replace(sql, 'identifier_kind INTEGER', 'identifier_kind TEXT') WHERE name = 'event'",
    ])
    func aDamagedSchemaIsFound(_ damage: String) throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(event("1"))
        #expect(try ledger.verify().isReadable)
        try ledger.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA writable_schema = ON; \(damage); PRAGMA writable_schema = RESET") }
        let found = try ledger.verify()
        #expect(!found.isSound && !found.isReadable && found.problems.contains { $0.contains("schema: the table event") || $0.hasPrefix("file:") }, "\(found)")
    }

    @Test func aMissingTriggerIsFound() throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(event("1"))
        try ledger.pool.write { try $0.execute(sql: "DROP TRIGGER event_is_never_changed") }
        let found = try ledger.verify()
        #expect(found.isReadable && found.problems == ["schema: the trigger event_is_never_changed is missing, or is not as it is to be"])
    }

    @Test func anOlderFoldIsDoneAgainOnOpening() throws {
        let directory = try TemporaryDirectory()
        do {
            let ledger = try PreferenceLedger(path: directory.ledger)
            try ledger.append(event("1"))
            try ledger.pool.write { try $0.execute(sql: "UPDATE ledger_state SET value = 0 WHERE name = 'fold_version'; DELETE FROM preference") }
            try ledger.pool.close()
        }
        let ledger = try PreferenceLedger(path: directory.ledger)
        #expect(try ledger.check(ada).blockedChannels == .phoneMessages && ledger.verify().isSound)
    }

    @Test func aFullDiskFailsTheAppendAndNothingElse() throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(event("1"))
        let pages = try ledger.pool.writeWithoutTransaction { db in
            try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        }
        try ledger.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        let large = (0..<400).map { event("l\($0)", .optOut, Identifier(kind: .phone, value: "+1\($0)"), words: String(repeating: "x", count: 500)) }
        #expect(throws: LedgerFailure.diskFull) { try ledger.append(contentsOf: large) }
        #expect(try ledger.lastPosition() == 1 && ledger.failure == nil)
        try ledger.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(try ledger.append(contentsOf: large).count == 400 && ledger.verify().isSound)
    }

    @Test func aLockHeldElsewhereFailsOneAppendAndNotTheNext() throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger, busyTimeout: 0.05)
        let shell = try DatabaseQueue(path: directory.ledger)
        try shell.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            #expect(throws: LedgerFailure.busy) { try ledger.append(event("1")) }
            try db.execute(sql: "ROLLBACK")
        }
        #expect(try ledger.append(event("1")).isNew && ledger.failure == nil)
    }

    @Test func aBackupIsWholeAndNeverOverwrites() throws {
        let directory = try TemporaryDirectory()
        let ledger = try PreferenceLedger(path: directory.ledger)
        try ledger.append(event("1"))
        let path = directory.file("backup.db")
        try ledger.backup(to: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(throws: LedgerFailure.self) { try ledger.backup(to: path) }
        let restored = try PreferenceLedger(path: path)
        #expect(try restored.allSuppressions() == ledger.allSuppressions() && restored.verify().isSound)
    }
}
