import Foundation
import GRDB
import Recipients
import Testing

@testable import Ledger

@Suite struct AppendTests {
    let directory: TemporaryDirectory
    let ledger: PreferenceLedger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try PreferenceLedger(path: directory.ledger)
    }

    @Test func positionsAreDenseAndEventsComeBackWhole() throws {
        let full = PreferenceEvent(
            id: "full", action: .optOut, identifier: ada, linkedIdentifier: bob, channels: [.init(.sms), .init(.email)],
            scope: .program("order-updates"), reach: .person, reason: "stop", resolves: "other",
            identity: .init(asReceived: "(415) 555-0123", nameGiven: "Ada 🌷", matchMethod: "exact", matchConfidence: 0.75),
            times: .init(
                requestedAt: Timestamp("2026-03-01T09:30:00Z"), receivedAt: Timestamp("2026-03-01T09:30:01.5Z"),
                dueAt: Timestamp("2026-03-13"), calendarVersion: "us-2026"),
            source: .init(method: .keyword, channel: .whatsapp, system: "twilio", ourAddress: "+18005551212", repliedTo: "SM1"),
            evidence: .init(
                words: "STOP", payloadHash: "ab", reference: "s3://x", remoteAddress: "10.0.0.1", userAgent: "curl",
                providerMessageID: "SM2", language: "en"),
            decision: .init(ruleID: "r", rulePackVersion: "1", matchedBy: "per-se", confidence: 1, normalisedText: "stop", reviewer: "joe"),
            actor: .init(kind: .vendor, name: "acme", onBehalfOf: "ada", approval: "A-1"))
        #expect(try ledger.append(event("1")) == AppendResult(position: 1, isNew: true))
        #expect(try ledger.append(full) == AppendResult(position: 2, isNew: true))
        let events = try ledger.events(after: 0)
        #expect(events.map(\.position) == [1, 2])
        #expect(events[1].event == full)
        #expect(try ledger.event(id: "full")?.event == full)
        #expect(try ledger.lastPosition() == 2)
        #expect(try ledger.events(after: 1).count == 1 && ledger.events(after: 2).isEmpty)
    }

    @Test func sameIDIsRecordedOnce() throws {
        try ledger.append(event("1"))
        #expect(try ledger.append(event("1", reason: "worded otherwise")) == AppendResult(position: 1, isNew: false))
        #expect(try ledger.lastPosition() == 1)
    }

    @Test func sameIDWithAnotherMeaningIsAnErrorUnlessTheFirstIsToStand() throws {
        try ledger.append(event("1", on: .init(.sms)))
        #expect(throws: LedgerFailure.conflictingID("1")) { try ledger.append(event("1", on: .all)) }
        #expect(throws: LedgerFailure.conflictingID("1")) { try ledger.append(event("1", .optOut, bob, on: .init(.sms))) }
        #expect(try ledger.append(event("1", on: .all), whenKnown: .keepFirst) == AppendResult(position: 1, isNew: false))
        #expect(try ledger.check(ada).blockedChannels == .init(.sms))
    }

    @Test func aBatchIsAllOrNothing() throws {
        #expect(throws: LedgerFailure.rejected(.missingChannels(.optOut), eventID: "2")) {
            try ledger.append(contentsOf: [event("1"), event("2", on: [])])
        }
        try ledger.append(event("9", on: .init(.sms)))
        #expect(throws: LedgerFailure.conflictingID("9")) { try ledger.append(contentsOf: [event("3"), event("9", on: .all)]) }
        #expect(try ledger.lastPosition() == 1)
        #expect(try ledger.append(contentsOf: [event("4"), event("4"), event("9", on: .init(.sms))]).map(\.isNew) == [true, false, false])
        #expect(try ledger.append(contentsOf: []) == [])
        #expect(try ledger.verify().isSound)
    }

    @Test(arguments: [
        (event(""), EventRejection.missingID),
        (event("x", .optOut, nil), .missingIdentifier(.optOut)),
        (event("x", .optOut, on: []), .missingChannels(.optOut)),
        (event("x", .optIn, on: []), .missingChannels(.optIn)),
        (event("x", .optIn, words: nil), .optInWithoutEvidence),
        (event("x", .optIn, words: ""), .optInWithoutEvidence),
        (event("x", .optIn, method: .import), .optInByCopy(.import)),
        (event("x", .optIn, method: .sync), .optInByCopy(.sync)),
        (event("x", .removal, method: .import), .optInByCopy(.import)),
        (event("x", .removal, reason: nil), .missingReason(.removal)),
        (event("x", .removal, actor: .init(kind: .operator)), .missingActorName(.removal)),
        (event("x", .unlink, with: bob, reason: ""), .missingReason(.unlink)),
        (event("x", .link), .missingLinkedIdentifier(.link)),
        (event("x", .link, with: ada), .linkToItself),
        (event("x", reason: String(repeating: "r", count: 2049)), .fieldTooLong(name: "reason", limit: 2048)),
        (event("x", words: "ST\0OP"), .containsNUL(name: "words")),
    ])
    func whatBreaksARuleIsRefused(_ refused: PreferenceEvent, _ rejection: EventRejection) throws {
        #expect(throws: LedgerFailure.rejected(rejection, eventID: refused.id)) { try ledger.append(refused) }
        #expect(try ledger.lastPosition() == 0)
    }

    @Test func anApprovedImportMayOptIn() throws {
        try ledger.append(event("1"))
        try ledger.append(event("2", .optIn, method: .import, actor: .init(kind: .system, name: "crm", approval: "LEGAL-7")))
        #expect(try ledger.check(ada).holdings.isEmpty)
    }

    @Test func commitsAreSyncedAndTheFileIsPrivate() throws {
        // 2 is FULL: GRDB's own choice for WAL is 1, under which the last commits can go with the power.
        #expect(try ledger.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try ledger.pool.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        try ledger.append(event("1"))
        for name in ["ledger.db", "ledger.db-wal", "ledger.db.lock"] {
            let mode = try FileManager.default.attributesOfItem(atPath: directory.file(name))[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600, "\(name)")
        }
    }

    @Test func eventsCannotBeChangedOrRemoved() throws {
        try ledger.append(event("1"))
        for sql in ["UPDATE event SET scope = 'program:x'", "DELETE FROM event"] {
            #expect(throws: DatabaseError.self) { try ledger.pool.write { try $0.execute(sql: sql) } }
        }
        #expect(try ledger.verify().isSound)
    }

    @Test func aSecondWriterIsKeptOutAndAReaderIsNot() throws {
        try ledger.append(event("1"))
        #expect(throws: LedgerFailure.inUse(path: directory.ledger)) { try PreferenceLedger(path: directory.ledger) }
        let reader = try PreferenceLedger(path: directory.ledger, readOnly: true)
        #expect(try reader.check(ada).blockedChannels == .phoneMessages)
        #expect(throws: LedgerFailure.self) { try reader.append(event("2")) }
        try ledger.append(event("3", .optOut, bob))
        #expect(try reader.lastPosition() == 2)
    }

    @Test func aNewerSchemaIsLeftAlone() throws {
        let other = try TemporaryDirectory()
        do {
            let made = try PreferenceLedger(path: other.ledger)
            try made.pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')") }
            try made.pool.close()
        }
        #expect(throws: LedgerFailure.newerSchema(path: other.ledger)) { try PreferenceLedger(path: other.ledger) }
    }

    @Test func aFileThatIsNoLedgerIsRefused() throws {
        let other = try TemporaryDirectory()
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: other.ledger))
        #expect(throws: LedgerFailure.self) { try PreferenceLedger(path: other.ledger) }
        #expect(throws: LedgerFailure.self) { try PreferenceLedger(path: other.file("no/such/directory/ledger.db")) }
    }
}
