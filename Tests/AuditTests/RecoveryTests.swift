import Glibc
import Testing

@testable import Audit

@Suite struct RecoveryTests {
    private func reopen(_ scratch: Scratch, _ change: (inout AuditSettings) -> Void = { _ in }) throws -> AuditLog {
        try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests(change))
    }

    @Test func goesOnWhereALogWasClosed() throws {
        let sample = try SampleLog()
        let log = try reopen(sample.scratch)
        #expect(log.recovery == AuditRecovery(lastSequence: 50, segment: 1))
        log.close()
        let report = try AuditVerifier(directory: sample.scratch.log).verify()
        #expect(report.problem == nil)
        #expect(report.records == 52)
        #expect(report.head?.sequence == 52)
    }

    @Test func everyTornEndOfTheLastThreeRecordsIsCutAndKept() throws {
        // Hundreds of starts: what is written is looked at, not whether a power cut would spare it.
        var calls = FileCalls()
        calls.fsync = { _ in 0 }
        calls.fdatasync = { _ in 0 }
        let sample = try SampleLog(isClosed: false)
        let lines = SampleLog.lines(sample.bytes)
        let start = sample.bytes.count - lines.suffix(4).reduce(0) { $0 + $1.count }
        for length in stride(from: start, to: sample.bytes.count, by: 1) {
            let scratch = Scratch()
            scratch.write(Array(sample.bytes[..<length]), to: SampleLog.file)
            let sealed = sample.starts.last { $0 <= length } ?? 0
            let log = try AuditLog(
                directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests(), calls: calls)
            #expect(log.recovery.cutBytes == length - sealed)
            #expect(!log.recovery.isRepair)
            log.close()
            if length > sealed {
                let kept = try #require(log.recovery.cutFile)
                #expect(scratch.read(kept) == Array(sample.bytes[sealed..<length]))
                let text = String(decoding: scratch.read(SampleLog.file), as: UTF8.self)
                #expect(text.contains("\"cut\":\(length - sealed),\"kept\":\"\(kept)\""))
            }
            #expect(try AuditVerifier(directory: scratch.log).verify().problem == nil)
        }
    }

    /// The blocks of a commit that was not synced may reach the disk in any order: some are there, others are zeros.
    @Test func aLastCommitWithHolesIsCut() throws {
        let sample = try SampleLog(isClosed: false)
        let start = sample.starts[sample.starts.count - 2]
        for hole in stride(from: start, to: sample.bytes.count - 64, by: 64) {
            var bytes = sample.bytes
            for index in hole..<hole + 64 { bytes[index] = 0 }
            let scratch = Scratch()
            scratch.write(bytes, to: SampleLog.file)
            let log = try reopen(scratch)
            #expect(log.recovery.cutBytes == bytes.count - start)
            log.close()
            #expect(try AuditVerifier(directory: scratch.log).verify().problem == nil)
        }
    }

    @Test func damageThatNoCrashLeavesIsRefusedAndChangesNothing() throws {
        let sample = try SampleLog(isClosed: false)
        for index in stride(from: 0, to: sample.bytes.count - 1, by: 61) {
            var bytes = sample.bytes
            bytes[index] ^= 1
            let scratch = Scratch()
            scratch.write(bytes, to: SampleLog.file)
            let failure = #expect(throws: AuditFailure.self) { try reopen(scratch) }
            guard case .damaged(let problem) = try #require(failure) else {
                Issue.record("byte \(index): \(String(describing: failure))")
                continue
            }
            #expect(problem.file == SampleLog.file)
            #expect(problem.byte <= index + 1)
            #expect(scratch.read(SampleLog.file) == bytes)
            #expect(try Directory.names(scratch.path).filter { $0.contains("cut") }.isEmpty)
        }
    }

    @Test func aHoleBehindWhichMoreWasSyncedIsRefused() throws {
        let sample = try SampleLog(isClosed: false)
        var bytes = sample.bytes
        for index in sample.starts[5]..<sample.starts[6] - 1 { bytes[index] = 0 }
        let scratch = Scratch()
        scratch.write(bytes, to: SampleLog.file)
        #expect(throws: AuditFailure.self) { try reopen(scratch) }
        // A whole commit missing, likewise.
        scratch.write(Array(bytes[..<sample.starts[5]] + sample.bytes[sample.starts[6]...]), to: SampleLog.file)
        #expect(throws: AuditFailure.self) { try reopen(scratch) }
    }

    @Test func anOperatorMayRepair() throws {
        let sample = try SampleLog()
        var bytes = sample.bytes
        bytes[sample.starts[6] + 100] ^= 1
        let scratch = Scratch()
        scratch.write(bytes, to: SampleLog.file)
        #expect(throws: AuditFailure.self) { try reopen(scratch) }
        let log = try reopen(scratch) { $0.repair = true }
        #expect(log.recovery.isRepair)
        #expect(scratch.read(try #require(log.recovery.cutFile)) == Array(bytes[sample.starts[6]...]))
        log.close()
        #expect(String(decoding: scratch.read(SampleLog.file), as: UTF8.self).contains("\"repaired\":\(bytes.count - sample.starts[6])"))
        #expect(try AuditVerifier(directory: scratch.log).verify().problem == nil)
    }

    @Test func aSegmentWithoutItsFirstSealIsRefused() throws {
        let sample = try SampleLog()
        for length in [0, 1, 100, sample.starts[1] - 1] {
            let scratch = Scratch()
            scratch.write(Array(sample.bytes[..<length]), to: SampleLog.file)
            #expect(throws: AuditFailure.self) { try reopen(scratch) }
        }
    }

    @Test func segmentsFollowOneAnother() throws {
        let scratch = Scratch()
        for round in 0..<3 {
            let log = try reopen(scratch) { $0.segmentBytes = 4096 }
            let lane = log.lane(0)
            for _ in 0..<20 {
                let ticket = try #require(lane.send())
                #expect(lane.waitUntilDurable(ticket))
            }
            log.close()
            #expect(try AuditVerifier(directory: scratch.log).verify().problem == nil, "round \(round)")
        }
        let names = try scratch.segments()
        #expect(names.count > 5)
        let verifier = AuditVerifier(directory: scratch.log)
        #expect(try verifier.verify().records == UInt64(3 * 22 + names.count))

        // A segment taken away is missed, in the middle by its number, at the front by the report.
        let second = scratch.read(names[1])
        unlink("\(scratch.path)/\(names[1])")
        #expect(try verifier.verify().problem?.cause == .missingSegment)
        #expect(try verifier.verify().problem?.file == names[2])
        // Another's place is not its own.
        scratch.write(scratch.read(names[2]), to: names[1])
        #expect(try verifier.verify().problem?.file == names[1])
        scratch.write(second, to: names[1])
        #expect(try verifier.verify().problem == nil)
        unlink("\(scratch.path)/\(names[0])")
        let rest = try verifier.verify()
        #expect(rest.problem == nil && rest.firstSegment == 2 && (rest.firstSequence ?? 0) > 1)

        // A finished segment has no torn end, and the last has to follow it.
        let last = try #require(names.last)
        let before = names[names.count - 2]
        let whole = scratch.read(before)
        scratch.write(Array(whole.dropLast()), to: before)
        #expect(throws: AuditFailure.self) { try reopen(scratch) }
        #expect(try verifier.verify().problem?.file == before)
        scratch.write(whole, to: before)
        try reopen(scratch).close()
        #expect(try scratch.segments().last == last)
    }

    @Test func whatRotationLeavesBehindIsRemoved() throws {
        let sample = try SampleLog()
        sample.scratch.write([1, 2, 3], to: "audit-0000000002.jsonl.tmp")
        try reopen(sample.scratch).close()
        #expect(!(try Directory.names(sample.scratch.path).contains("audit-0000000002.jsonl.tmp")))
        #expect(try sample.scratch.segments() == [SampleLog.file])
    }

    @Test func oneProcessAtATime() throws {
        let scratch = Scratch()
        let log = try reopen(scratch)
        #expect(throws: AuditFailure.inUse(directory: scratch.log)) { try reopen(scratch) }
        log.close()
    }

    @Test func everyStartHasALaterName() throws {
        let scratch = Scratch()
        var boots: [UInt64] = []
        for _ in 0..<5 {
            let log = try reopen(scratch)
            let lane = log.lane(0)
            boots.append(lane.id(of: AuditTicket(number: 1)).boot)
            log.close()
        }
        #expect(boots == boots.sorted() && Set(boots).count == 5)
    }

    @Test func aClockSetBackBetweenTwoStartsIsRecordedAndAccepted() throws {
        let scratch = Scratch()
        let log = try reopen(scratch)
        let lane = log.lane(0)
        let now = AuditInstant.now()
        let ahead = AuditInstant(wall: now.wall + 60_000_000, monotonic: now.monotonic)
        let ticket = try #require(lane.send(at: ahead))
        #expect(lane.waitUntilDurable(ticket))
        log.close()
        try reopen(scratch).close()
        let report = try AuditVerifier(directory: scratch.log).verify()
        #expect(report.problem == nil)
        #expect(report.clockSteps >= 1)
    }
}
