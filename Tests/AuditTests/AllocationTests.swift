import AllocationCounter
import Recipients
import Synchronization
import Testing

@testable import Audit

@Suite struct AllocationTests {
    /// What a worker does for one send: fill the record, append it, append the outcome, publish, look whether it is durable.
    @Test(.enabled(if: allocation_counting_is_on())) func aWorkerAllocatesNothing() throws {
        let ring = try AuditRing(bytes: 1 << 16)
        let lane = AuditLane(ring: ring, signals: try AuditSignals(), settings: .forTests(), boot: 1, number: 0)
        var decision = DecisionRecord()
        var outcome = OutcomeRecord()
        let phone = Array("+15551234567".utf8)
        let client = Array("10.0.0.7".utf8)
        func send() -> Bool {
            decision.reset()
            decision.verdict = .allow
            decision.channels = ChannelSet(.sms)
            decision.set(.provider, "twilio")
            decision.set(.client, client.span)
            guard decision.add(.phone, identifier: phone.span, channel: .sms, verdict: .allow),
                case .queued(let ticket) = lane.append(decision, at: .now())
            else { return false }
            outcome.reset()
            outcome.decision = lane.id(of: ticket)
            outcome.set(.message, client.span)
            guard case .queued = lane.append(outcome, at: .now()) else { return false }
            lane.publish()
            // No writer here: what was published counts as taken.
            ring.tail.store(ring.head.load(ordering: .relaxed), ordering: .releasing)
            return lane.durable < ticket
        }
        for _ in 0..<100 { #expect(send()) }
        var sent = 0
        let before = allocation_count()
        for _ in 0..<1000 where send() { sent += 1 }
        let allocations = allocation_count() - before
        #expect(allocations == 0)
        #expect(sent == 1000)
    }

    /// The writer spells lines in memory it has. What is left is OpenSSL's: it copies a digest's state twice for each HMAC.
    @Test(.enabled(if: allocation_counting_is_on())) func spellingAllocatesOnlyInsideOpenSSL() throws {
        let scratch = Scratch()
        let key = try scratch.key()
        var format = RecordFormat(key: key)
        var lines = LineBuffer(capacity: 1 << 20)
        var sequence: UInt64 = 1
        let ring = try AuditRing(bytes: 1 << 16)
        let lane = AuditLane(ring: ring, signals: try AuditSignals(), settings: .forTests(), boot: 1, number: 0)
        _ = lane.offer()
        let outcome = ring.base + DecisionRecord.sample().ringSize
        _ = lane.offerOutcome()
        let id = lane.id(of: AuditTicket(number: 1))
        func allocations(_ entry: UnsafeRawPointer) -> UInt64 {
            for _ in 0..<10 { format.put(entry, id: id, sequence: &sequence, to: &lines) }
            let before = allocation_count()
            for _ in 0..<100 { format.put(entry, id: id, sequence: &sequence, to: &lines) }
            return allocation_count() - before
        }
        #expect(allocations(outcome) == 0)
        let authenticator = key.authenticator()
        let text: StaticString = "phone:+15551234567"
        let message = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        _ = authenticator.authenticate(message, message)
        let before = allocation_count()
        for _ in 0..<100 { _ = authenticator.authenticate(message, message) }
        let inOpenSSL = allocation_count() - before
        // A build without optimisation boxes one temporary more for each decision.
        let boxed: UInt64 = _isDebugAssertConfiguration() ? 100 : 0
        #expect(allocations(ring.base) <= inOpenSSL + boxed)
        #expect(inOpenSSL <= 200)
    }
}
