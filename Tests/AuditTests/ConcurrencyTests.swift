import Glibc
import Testing

@testable import Audit

@Suite struct ConcurrencyTests {
    /// Runs `body` on a thread of its own.
    private static func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        final class Work {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { raw in
                Unmanaged<Work>.fromOpaque(raw!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        precondition(failure == 0)
        return thread
    }

    /// Two workers that never wait for one another, a third thread that records events: everything arrives once, in the
    /// order of its lane, under the id the worker knew, and durable before the worker was told.
    @Test(arguments: [AuditSettings.Durability.strict, .batch(interval: 5)])
    func twoLanesAndEventsSoak(_ durability: AuditSettings.Durability) throws {
        let scratch = Scratch()
        let log = try AuditLog(
            directory: scratch.log, key: scratch.key(), lanes: 2,
            settings: .forTests {
                $0.durability = durability
                $0.segmentBytes = 400_000
            })
        let rounds = 1500
        let workers = (0..<2).map { worker in
            Self.thread {
                let lane = log.lane(worker)
                var outcome = OutcomeRecord()
                var last = AuditTicket.none
                for round in 0..<rounds {
                    guard let ticket = lane.put(.sample("+1555\(worker)\(1_000_000 + round)")) else { return }
                    precondition(ticket > last)
                    outcome.reset()
                    outcome.decision = lane.id(of: ticket)
                    while case .full = lane.append(outcome, at: .now()) {
                        lane.publish()
                        usleep(100)
                    }
                    lane.publish()
                    last = ticket
                    if round % 97 == 0 { precondition(lane.waitUntilDurable(ticket)) }
                }
            }
        }
        let events = Self.thread {
            for _ in 0..<50 { try? log.record(EventRecord("policy-reloaded")) }
        }
        for worker in workers + [events] { pthread_join(worker, nil) }
        log.close()
        #expect(log.state == .closed)
        let report = try AuditVerifier(directory: scratch.log).verify()
        #expect(report.problem == nil)
        #expect(report.segments > 2)
        #expect(report.records == UInt64(4 * rounds + 50 + 2 + report.segments))
        #expect(report.records == log.counts.records + 2)

        var counters: [[UInt64]] = [[], []]
        var eventCount = 0
        var unknown = 0
        try AuditSearch(directory: scratch.log, key: nil).run(AuditQuery()) { entry in
            switch entry {
            case .decision(let decision):
                counters[Int(decision.id.lane)].append(decision.id.counter)
                if decision.fate == .unknown { unknown += 1 }
            case .event: eventCount += 1
            default: break
            }
            return true
        }
        #expect(counters[0] == (0..<rounds).map { UInt64(2 * $0 + 1) })
        #expect(counters[1] == counters[0])
        #expect(eventCount == 50 && unknown == 0)
    }

    @Test func manyRecordsShareOneSync() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        var last = AuditTicket.none
        for _ in 0..<5000 { last = try #require(lane.send()) }
        #expect(lane.waitUntilDurable(last))
        #expect(log.counts.records >= 5000)
        #expect(log.counts.commits < 1000)
        log.close()
    }

    @Test func aLoneRecordDoesNotWaitForABatch() throws {
        let scratch = Scratch()
        let log = try AuditLog(
            directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests { $0.maxDelay = 1000 })
        let lane = log.lane(0)
        let start = AuditInstant.now().monotonic
        let ticket = try #require(lane.send())
        #expect(lane.waitUntilDurable(ticket))
        #expect(AuditInstant.now().monotonic - start < 900_000_000)
        // A full batch does not wait either, although the last commit was a moment ago.
        let again = AuditInstant.now().monotonic
        var last = ticket
        for _ in 0..<256 { last = try #require(lane.send()) }
        #expect(lane.waitUntilDurable(last))
        #expect(AuditInstant.now().monotonic - again < 900_000_000)
        log.close()
    }

    @Test func aSendRightAfterACommitWaitsForTheNextOneAndAnEventDoesNot() throws {
        let scratch = Scratch()
        let log = try AuditLog(
            directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests { $0.maxDelay = 1000 })
        let lane = log.lane(0)
        let first = try #require(lane.send())
        #expect(lane.waitUntilDurable(first))
        // Half of the delay, as there is little to commit; counted from before the commit was seen.
        let start = AuditInstant.now().monotonic
        let second = try #require(lane.send())
        #expect(lane.waitUntilDurable(second))
        #expect(AuditInstant.now().monotonic - start > 250_000_000)
        let again = AuditInstant.now().monotonic
        try log.record(EventRecord("tick"))
        #expect(AuditInstant.now().monotonic - again < 450_000_000)
        log.close()
    }

    @Test func aFullRingEmptiesAndWakesItsWorker() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        var sawFull = 0
        var sent = 0
        while sent < 2000 {
            switch lane.offer() {
            case .queued: sent += 1
            case .refused:
                Issue.record("refused")
                return
            case .full:
                sawFull += 1
                lane.requestWakeup()
                lane.publish()
                var descriptor = pollfd(fd: lane.wakeupDescriptor, events: Int16(POLLIN), revents: 0)
                #expect(poll(&descriptor, 1, 5000) == 1)
                lane.drainWakeup()
            }
        }
        #expect(sawFull > 2)
        lane.publish()
        log.close()
        #expect(try AuditVerifier(directory: scratch.log).verify().records == 2000 + 3)
    }

    @Test func closingWakesWhoWaits() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        lane.requestWakeup()
        log.close()
        var descriptor = pollfd(fd: lane.wakeupDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&descriptor, 1, 5000) == 1)
        #expect(lane.state == .closed)
        #expect(lane.offer() == .refused)
        #expect(throws: AuditFailure.notRunning(.closed)) { try log.record(EventRecord("late")) }
    }
}
