import Bytes
import Recipients
import Synchronization
import Testing

@testable import Audit

/// Rings without a writer: the tests take the entries out themselves.
@Suite struct AuditRingTests {
    private struct Bench {
        let ring: AuditRing
        let signals: AuditSignals
        let lane: AuditLane

        init(bytes: Int = 1 << 16, settings: AuditSettings = .forTests()) throws {
            ring = try AuditRing(bytes: bytes)
            signals = try AuditSignals()
            lane = AuditLane(ring: ring, signals: signals, settings: settings, boot: 7, number: 3)
        }

        /// Whether publishing wakes a writer that sleeps so deep.
        func publishingWakes(_ sleep: UInt8) -> Bool {
            signals.sleep.store(sleep, ordering: .relaxed)
            lane.publish()
            return signals.sleep.load(ordering: .relaxed) == AuditSignals.Sleep.awake
        }

        /// Takes what was published: kinds and lengths in order, padding included.
        func take(_ limit: Int = .max) -> [(kind: RingEntry.Kind?, length: Int)] {
            var entries: [(RingEntry.Kind?, Int)] = []
            var tail = ring.tail.load(ordering: .relaxed)
            let head = ring.head.load(ordering: .acquiring)
            while tail != head, entries.count < limit {
                let entry = ring.base + ring.offset(tail)
                let length = Int(entry.load(as: UInt32.self))
                entries.append((RingEntry.Kind(rawValue: entry.load(fromByteOffset: 4, as: UInt8.self)), length))
                tail &+= UInt64(length)
            }
            ring.tail.store(tail, ordering: .releasing)
            return entries
        }
    }

    @Test func nothingShowsBeforeItIsPublished() throws {
        let bench = try Bench()
        #expect(bench.lane.offer() == .queued(AuditTicket(number: 1)))
        #expect(bench.take().isEmpty)
        bench.lane.publish()
        #expect(bench.take().map(\.kind) == [.decision])
        #expect(bench.lane.id(of: AuditTicket(number: 1)) == AuditID(boot: 7, lane: 3, counter: 1))
    }

    @Test func whatIsPublishedWakesTheWriterFromSleepsThatAreNotForIt() throws {
        let bench = try Bench()
        typealias Sleep = AuditSignals.Sleep
        // Nothing new.
        #expect(!bench.publishingWakes(Sleep.idle))
        for (sleep, wakes) in [(Sleep.idle, true), (Sleep.gathering, false), (Sleep.pacing, false)] {
            _ = bench.lane.offerOutcome()
            #expect(bench.publishingWakes(sleep) == wakes, "an outcome, \(sleep)")
        }
        for (sleep, wakes) in [(Sleep.idle, true), (Sleep.gathering, true), (Sleep.pacing, false)] {
            _ = bench.lane.offer()
            _ = bench.lane.offerOutcome()
            #expect(bench.publishingWakes(sleep) == wakes, "a decision, \(sleep)")
        }
        bench.lane.hurry()
        #expect(bench.publishingWakes(Sleep.pacing))
        // Once is enough until there is more.
        bench.lane.hurry()
        #expect(!bench.publishingWakes(Sleep.pacing))
        _ = bench.lane.append(EventRecord("optout"), at: .now())
        #expect(bench.publishingWakes(Sleep.pacing))
    }

    @Test func inBatchModeADecisionWakesNobodyWhoGathers() throws {
        let bench = try Bench(settings: .forTests { $0.durability = .batch(interval: 20) })
        _ = bench.lane.offer()
        #expect(!bench.publishingWakes(AuditSignals.Sleep.gathering))
        _ = bench.lane.offer()
        #expect(bench.publishingWakes(AuditSignals.Sleep.idle))
    }

    @Test func aFullBatchWakesTheWriterThatPaces() throws {
        let bench = try Bench(settings: .forTests { $0.batchRecords = 3 })
        for _ in 0..<2 { _ = bench.lane.offer() }
        #expect(!bench.publishingWakes(AuditSignals.Sleep.pacing))
        _ = bench.lane.offer()
        #expect(bench.publishingWakes(AuditSignals.Sleep.pacing))
    }

    @Test func fillsUpKeepsRoomForOutcomesAndRefillsAcrossTheEnd() throws {
        let bench = try Bench()
        var offered = 0
        while case .queued = bench.lane.offer() { offered += 1 }
        #expect(bench.lane.offer() == .full)
        // Decisions leave an eighth of the ring; outcomes may have it.
        let size = DecisionRecord.sample().ringSize
        #expect(offered == (bench.ring.capacity * 7 / 8) / size)
        var outcomes = 0
        while case .queued = bench.lane.offerOutcome() { outcomes += 1 }
        #expect(outcomes > 20)
        #expect(bench.lane.offerOutcome() == .full)
        bench.lane.publish()
        #expect(bench.take().count == offered + outcomes)

        // Now round and round, with entries of changing size: each comes out once and in one piece.
        var paddings = 0
        for round in 0..<3000 {
            let record = DecisionRecord.sample("+1555" + String(repeating: "7", count: round % 200))
            guard case .queued(let ticket) = bench.lane.append(record, at: .now()) else {
                Issue.record("round \(round): no room in an empty ring")
                return
            }
            #expect(ticket.number == UInt64(offered + outcomes + round + 1))
            bench.lane.publish()
            let taken = bench.take()
            #expect(taken.last?.kind == .decision && taken.last?.length == record.ringSize)
            #expect(taken.count == 1 || taken.count == 2 && taken[0].kind == .padding)
            paddings += taken.count - 1
        }
        #expect(paddings > 5)
    }

    @Test func theLargestEntryAlwaysFitsAnEmptyRingAndALargerOneNever() throws {
        let bench = try Bench()
        let text = [UInt8](repeating: 0x61, count: 320)
        var largest = DecisionRecord()
        while largest.ringSize < bench.ring.largestEntry - 500 {
            largest.add(.external, text)
        }
        // Wherever the positions stand.
        for _ in 0..<400 {
            #expect(bench.lane.offer() != .full)
            bench.lane.publish()
            _ = bench.take()
            let answer = bench.lane.append(largest, at: .now())
            #expect(answer != .full && answer != .refused)
            bench.lane.publish()
            _ = bench.take()
        }
        for _ in 0..<2 { largest.add(.external, text) }
        let answer = bench.lane.append(largest, at: .now())
        #expect(answer == .refused)
    }

    @Test func aRecordTakesAThousandRecipientsAndNoIdentifierBeyondItsLimit() {
        var record = DecisionRecord()
        let phone = Array("+15551234567".utf8)
        for _ in 0..<1000 { record.add(.phone, phone) }
        var isAdded = record.add(.phone, identifier: phone.span, channel: .sms, verdict: .allow)
        #expect(!isAdded)
        var count = record.recipientCount
        #expect(count == 1000)
        record.reset()
        count = record.recipientCount
        #expect(count == 0)
        let long = [UInt8](repeating: 0x61, count: 321)
        isAdded = record.add(.email, identifier: long.span, channel: .email, verdict: .allow)
        #expect(!isAdded)
        record.add(.email, Array(long.dropLast()))
    }

    @Test func textsAreCutAndReplaced() {
        var record = DecisionRecord()
        record.set(.cause, String(repeating: "x", count: 5000))
        var total = record.texts.total
        #expect(total == 1025)
        for _ in 0..<1000 { record.set(.cause, "short") }
        total = record.texts.total
        #expect(total == 5)
        record.reset()
        total = record.texts.total
        #expect(total == 0)
    }
}
