import Bytes
import Glibc
import Recipients
import Testing

@testable import Audit

@Suite struct SearchTests {
    private func append(_ lane: AuditLane, _ record: borrowing DecisionRecord) throws -> AuditID {
        let ticket = try queued(lane.append(record, at: .now()))
        return lane.id(of: ticket)
    }

    private func answer(_ lane: AuditLane, _ id: AuditID, status: UInt16 = 201) throws {
        var outcome = OutcomeRecord()
        outcome.decision = id
        outcome.status = status
        outcome.latency = 123_456
        outcome.bytesSent = 141
        outcome.bytesReceived = 700
        outcome.set(.message, "SM0123")
        _ = try queued(lane.append(outcome, at: .now()))
    }

    private func found(_ scratch: Scratch, _ change: (inout AuditQuery) -> Void) throws -> [AuditEntry] {
        var query = AuditQuery()
        change(&query)
        var entries: [AuditEntry] = []
        try AuditSearch(directory: scratch.log, key: scratch.key()).run(query) {
            entries.append($0)
            return true
        }
        return entries
    }

    private func decisions(_ entries: [AuditEntry]) -> [AuditDecision] {
        entries.compactMap { if case .decision(let decision) = $0 { decision } else { nil } }
    }

    @Test func everythingThatWasWrittenIsReadBack() throws {
        let scratch = Scratch()
        let key = try scratch.key()
        let log = try AuditLog(directory: scratch.log, key: key, lanes: 2, settings: .forTests())
        let lane = log.lane(1)
        var hasher = BodyHasher()
        var record = DecisionRecord()
        record.verdict = .strip
        record.enforcement = .monitor
        record.channels = [ChannelSet(.sms), ChannelSet(.mail)]
        record.ruleset = 0xdead_beef_0000_0001
        record.ledgerPosition = .max
        for field in DecisionRecord.Text.allCases { record.set(field, "text \(field) \"quoted\" ü") }
        let received = hasher.digest(Array("received".utf8).span)
        let forwarded = hasher.digest(Array("forwarded".utf8).span)
        record.setReceivedBody(received)
        record.setForwardedBody(forwarded)
        let phone = Array("+15551234567".utf8)
        let mail = Array("jane@example.com".utf8)
        let reason = Array("keyword:\u{7}".utf8)
        var isAdded = record.add(
            .phone, identifier: phone.span, channel: .sms, verdict: .block, reason: reason.span, event: 77)
        #expect(isAdded)
        isAdded = record.add(.email, identifier: mail.span, channel: .email, verdict: .allow)
        #expect(isAdded)
        isAdded = record.add(
            .external, identifier: Span<UInt8>(), channel: .push, verdict: .unreadable, reason: "opaque")
        #expect(isAdded)
        let instant = AuditInstant(wall: 1_790_000_000_123_456, monotonic: 5_000_000_000)
        let ticket = try queued(lane.append(record, at: instant))
        let id = lane.id(of: ticket)
        try answer(lane, id)
        lane.publish()
        log.close()

        let decision = try #require(decisions(try found(scratch) { $0.id = id }).first)
        #expect(decision.id == id && id.lane == 1)
        #expect(decision.stamp.time == "2026-09-21T14:13:20.123456Z")
        #expect(decision.stamp.instant == instant)
        #expect(decision.stamp.file == "audit-0000000001.jsonl")
        #expect(decision.provider == "text provider \"quoted\" ü")
        #expect(decision.endpoint == "text endpoint \"quoted\" ü")
        #expect(decision.program == "text program \"quoted\" ü")
        #expect(decision.messageClass == "text messageClass \"quoted\" ü")
        #expect(decision.campaign == "text campaign \"quoted\" ü")
        #expect(decision.cause == "text cause \"quoted\" ü")
        #expect(decision.client == "text client \"quoted\" ü")
        #expect(decision.degraded == "text degraded \"quoted\" ü")
        #expect(decision.scheduled == "text scheduled \"quoted\" ü")
        #expect(decision.cancel == "text cancel \"quoted\" ü")
        #expect(decision.verdict == .strip && decision.enforcement == .monitor)
        #expect(decision.channels == [.sms, .mail])
        #expect(decision.ruleset == "deadbeef00000001" && decision.ledgerPosition == .max)
        #expect(decision.receivedBody == received && decision.forwardedBody == forwarded)
        #expect(decision.key == key.id)
        #expect(decision.recipients.count == 3)
        #expect(decision.recipients[0] == AuditRecipient(
            kind: .phone, masked: "+1********67", hmac: key.name(of: .phone, "+15551234567"), channel: .sms,
            verdict: .block, reason: "keyword:\u{7}", event: 77))
        #expect(decision.recipients[1].masked == "j***@example.com")
        #expect(decision.recipients[2] == AuditRecipient(
            kind: .external, masked: nil, hmac: nil, channel: .push, verdict: .unreadable, reason: "opaque", event: nil))
        guard case .known(let outcome) = decision.fate else {
            Issue.record("no outcome")
            return
        }
        #expect(outcome.result == .answered && outcome.status == 201 && outcome.message == "SM0123")
        #expect(outcome.latency == 123_456 && outcome.bytesSent == 141 && outcome.bytesReceived == 700)
    }

    @Test func findsByPersonVerdictProviderAndTime() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        var ids: [AuditID] = []
        for index in 0..<30 {
            var record = DecisionRecord.sample("+1555000000\(index % 10)", verdict: index % 3 == 0 ? .reject : .allow)
            if index >= 20 { record.set(.provider, "sendgrid") }
            ids.append(try append(lane, record))
            if index % 3 == 1 { try answer(lane, ids[index]) }
            lane.publish()
        }
        var event = EventRecord("suppression-added")
        event.set(.actor, "api:crm")
        event.set(.detail, "web form")
        event.channels = .phoneMessages
        event.ledgerPosition = 9
        let phone = Array("+15550000003".utf8)
        let isSet = event.setSubject(.phone, identifier: phone.span)
        #expect(isSet)
        try log.record(event)
        let middle = AuditInstant.now().wall
        log.close()

        let person = try found(scratch) { $0.person = .init(kind: .phone, identifier: "+15550000003") }
        #expect(decisions(person).map(\.id) == [ids[3], ids[13], ids[23]])
        #expect(decisions(person).map { $0.fate == .kept } == [true, false, false])
        #expect(decisions(person)[1].fate != .unknown && decisions(person)[2].fate == .unknown)
        // The writer may take an event before decisions that still lie in a lane: only its being there is promised.
        guard case .event(let stored)? = person.first(where: { if case .event = $0 { true } else { false } }) else {
            Issue.record("the event is not found")
            return
        }
        #expect(stored.what == "suppression-added" && stored.actor == "api:crm" && stored.detail == "web form")
        #expect(stored.channels == [.sms, .mms, .rcs, .whatsapp] && stored.ledgerPosition == 9)
        #expect(stored.subject?.masked == "+1********03")

        #expect(decisions(try found(scratch) { $0.verdict = .reject }).count == 10)
        #expect(decisions(try found(scratch) { $0.provider = "sendgrid" }).map(\.id) == Array(ids[20...]))
        #expect(decisions(try found(scratch) { $0.provider = "sendgrid"; $0.verdict = .reject }).count == 3)
        #expect(try found(scratch) { $0.from = middle }.isEmpty)
        #expect(decisions(try found(scratch) { $0.to = middle }).count == 30)
        #expect(try found(scratch) { $0.person = .init(kind: .external, identifier: "+15550000003") }.isEmpty)
        #expect(try found(scratch) { $0.limit = 4 }.count == 4)
        #expect(decisions(try found(scratch) { _ in }).map(\.id) == ids)

        // Without the key nobody can be looked for, and under another key nobody is found, which the summary says.
        var query = AuditQuery()
        query.person = .init(kind: .phone, identifier: "+15550000003")
        #expect(throws: AuditFailure.self) { try AuditSearch(directory: scratch.log, key: nil).run(query) { _ in true } }
        let other = try AuditSearch(directory: scratch.log, key: Scratch().key()).run(query) { _ in true }
        #expect(other.found == 0 && other.underOtherKeys == 31)
        let own = try AuditSearch(directory: scratch.log, key: scratch.key()).run(query) { _ in false }
        #expect(own.found == 1 && own.underOtherKeys == 0 && own.unreadable == 0)
    }

    @Test func findsSendsForLater() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        _ = try append(lane, .sample("+15550000001"))
        var record = DecisionRecord.sample("+15550000001")
        record.set(.scheduled, "2030-01-01T00:00:00Z")
        record.set(.cancel, "POST /messages/{message_id}")
        let later = try append(lane, record)
        try answer(lane, later)
        // Somebody who writes the member's name into another field is not for later.
        var trap = DecisionRecord.sample("+15550000002")
        trap.set(.cause, ",\"scheduled\":\"now\"")
        _ = try append(lane, trap)
        lane.publish()
        log.close()
        let all = decisions(try found(scratch) { $0.isScheduled = true })
        #expect(all.map(\.id) == [later])
        #expect(all.first?.scheduled == "2030-01-01T00:00:00Z" && all.first?.cancel == "POST /messages/{message_id}")
        let other = try found(scratch) {
            $0.isScheduled = true
            $0.person = .init(kind: .phone, identifier: "+15550000002")
        }
        #expect(other.isEmpty)
    }

    @Test func aSendWithoutOutcomeIsUnknownAfterTheProcessThatSentIt() throws {
        let sample = Scratch()
        let first = try AuditLog(directory: sample.log, key: sample.key(), lanes: 1, settings: .forTests())
        let lane = first.lane(0)
        let lost = try append(lane, .sample())
        let told = try append(lane, .sample())
        try answer(lane, told)
        lane.publish()
        first.close()
        let second = try AuditLog(directory: sample.log, key: sample.key(), lanes: 1, settings: .forTests())
        let next = second.lane(0)
        try answer(next, try append(next, .sample()))
        next.publish()
        second.close()
        let all = decisions(try found(sample) { _ in })
        #expect(all.count == 3)
        #expect(all[0].id == lost && all[0].fate == .unknown)
        #expect(all[1].fate != .unknown && all[2].fate != .unknown)
    }

    @Test func aThousandRecipientsStandOnSeveralLinesAndAreOneDecision() throws {
        let scratch = Scratch()
        let key = try scratch.key()
        let log = try AuditLog(
            directory: scratch.log, key: key, lanes: 1, settings: .forTests { $0.ringBytes = 2 << 20 })
        let lane = log.lane(0)
        var record = DecisionRecord()
        for index in 0..<1000 {
            // The longest there is, with as much to escape as fits.
            let identifier = Array("\(index)\u{1}".utf8) + [UInt8](repeating: 1, count: 60) + Array("@".utf8)
                + [UInt8](repeating: 2, count: 250)
            let reason = [UInt8](repeating: 3, count: 128)
            record.add(.email, identifier, reason: reason)
        }
        for field in DecisionRecord.Text.allCases { record.set(field, String(repeating: "\u{1}", count: 2000)) }
        let id = try append(lane, record)
        _ = try append(lane, .sample())
        lane.publish()
        log.close()
        let lines = SampleLog.lines(scratch.read(SampleLog.file))
        #expect(lines.map(\.count).max()! < 65_536)
        #expect(lines.count > 10)
        #expect(try AuditVerifier(directory: scratch.log).verify().problem == nil)
        let all = decisions(try found(scratch) { _ in })
        #expect(all.count == 2 && all[0].id == id)
        #expect(all[0].recipients.count == 1000)
        #expect(Set(all[0].recipients.map(\.hmac)).count == 1000)
        // Found by the last one as well.
        let last = "999\u{1}" + String(repeating: "\u{1}", count: 60) + "@" + String(repeating: "\u{2}", count: 250)
        let byLast = try found(scratch) { $0.person = .init(kind: .email, identifier: last) }
        #expect(decisions(byLast).map(\.id) == [id])
    }

    @Test func unreadableLinesAreCountedAndSkipped() throws {
        let sample = try SampleLog()
        var lines = SampleLog.lines(sample.bytes)
        lines[4] = Array("nonsense\n".utf8)
        lines[6] = [UInt8](repeating: 0x61, count: 200_000) + [0x0a]
        sample.scratch.write(Array(lines.joined()), to: SampleLog.file)
        let summary = try AuditSearch(directory: sample.scratch.log, key: nil).run(AuditQuery()) { _ in true }
        #expect(summary.unreadable >= 2)
        #expect(summary.found == 36)  // of 9 decisions and 29 events, one each is gone
    }

    @Test func theTailSeesWhatIsAddedAcrossSegments() throws {
        let scratch = Scratch()
        let log = try AuditLog(
            directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests { $0.segmentBytes = 4096 })
        let lane = log.lane(0)
        let before = try #require(lane.send())
        #expect(lane.waitUntilDurable(before))
        let tail = try AuditTail(directory: scratch.log)
        let whole = try AuditTail(directory: scratch.log, from: .beginning)
        #expect(try tail.read().isEmpty)
        var seen: [AuditID] = []
        var expected: [AuditID] = []
        for _ in 0..<40 {
            let ticket = try #require(lane.send())
            #expect(lane.waitUntilDurable(ticket))
            expected.append(lane.id(of: ticket))
            seen += decisions(try tail.read()).map(\.id)
        }
        #expect(seen == expected)
        log.close()
        let rest = try tail.read()
        #expect(rest.contains { if case .mark(let mark) = $0 { mark.kind == .close } else { false } })
        #expect(try tail.read().isEmpty)
        var all: [AuditEntry] = []
        while case let some = try whole.read(limit: 7), !some.isEmpty { all += some }
        #expect(decisions(all).count == 41)
        #expect(all.map(\.stamp.sequence) == Array(1...UInt64(all.count)))
        #expect(try scratch.segments().count > 3)
    }
}
