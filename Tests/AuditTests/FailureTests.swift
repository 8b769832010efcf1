import Glibc
import Synchronization
import Testing

@testable import Audit

/// Counts the writer's calls and makes one of them fail.
private final class Fault: Sendable {
    enum Call: Sendable { case open, write, fdatasync, fsync, rename }

    private let call: Call
    private let errno: Int32
    /// Calls that go through before the one that fails; negative for never.
    private let rest: Atomic<Int>
    private let count = Atomic<Int>(0)
    private let isShort: Bool
    let afterwards = Atomic<Int>(0)

    init(_ call: Call, after: Int, errno: Int32, isShort: Bool = false) {
        self.call = call
        self.errno = errno
        self.isShort = isShort
        rest = Atomic(after)
    }

    var calls: Int { count.load(ordering: .relaxed) }
    /// Starts to count down from here.
    func arm(after: Int) { rest.store(after, ordering: .relaxed) }

    private func strikes(_ call: Call) -> Bool {
        guard call == self.call else { return false }
        count.add(1, ordering: .relaxed)
        let left = rest.load(ordering: .relaxed)
        guard left >= 0 else { return false }
        rest.store(left - 1, ordering: .relaxed)
        guard left == 0 else { return false }
        Glibc.errno = errno
        return true
    }

    var fileCalls: FileCalls {
        let real = FileCalls()
        var calls = FileCalls()
        calls.open = { self.strikes(.open) ? -1 : real.open($0, $1, $2) }
        calls.write = {
            guard self.strikes(.write) else { return real.write($0, $1, $2) }
            return self.isShort ? real.write($0, $1, $2 / 2) : -1
        }
        calls.fdatasync = { self.strikes(.fdatasync) ? -1 : real.fdatasync($0) }
        calls.fsync = { self.strikes(.fsync) ? -1 : real.fsync($0) }
        calls.rename = { self.strikes(.rename) ? -1 : real.rename($0, $1) }
        return calls
    }
}

@Suite struct FailureTests {
    private func open(
        _ scratch: Scratch, _ calls: FileCalls, _ change: (inout AuditSettings) -> Void = { _ in }
    ) throws -> AuditLog {
        try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests(change), calls: calls)
    }

    @Test(arguments: [
        (Fault(.write, after: -1, errno: EIO), AuditState.failed(.write, errno: EIO)),
        (Fault(.write, after: -1, errno: ENOSPC), .failed(.write, errno: ENOSPC)),
        (Fault(.write, after: -1, errno: EINTR), .failed(.write, errno: EINTR)),
        (Fault(.write, after: -1, errno: 0, isShort: true), .failed(.write, errno: ENOSPC)),
        (Fault(.fdatasync, after: -1, errno: EIO), .failed(.sync, errno: EIO)),
    ])
    fileprivate func aFailedCallIsFinal(_ fault: Fault, _ expected: AuditState) throws {
        let scratch = Scratch()
        let log = try open(scratch, fault.fileCalls)
        let lane = log.lane(0)
        var passed = 0
        fault.arm(after: 3)
        for _ in 0..<3 {
            let ticket = try #require(lane.send())
            #expect(lane.waitUntilDurable(ticket))
            passed += 1
        }
        let ticket = try #require(lane.send())
        #expect(!lane.waitUntilDurable(ticket))
        #expect(lane.state == expected)
        #expect(lane.durable.number == 3)
        let calls = fault.calls
        // Nothing is taken and nothing is tried from here on.
        #expect(lane.offer() == .refused)
        #expect(lane.offerOutcome() == .refused)
        #expect(throws: AuditFailure.notRunning(expected)) { try log.record(EventRecord("suppression-added")) }
        log.close()
        #expect(log.state == expected)
        #expect(fault.calls == calls)
        // What was said to be durable is there after a new start.
        let again = try open(scratch, FileCalls())
        again.close()
        let report = try AuditVerifier(directory: scratch.log).verify()
        #expect(report.problem == nil)
        #expect(report.records >= 2 + 3 + 2)
    }

    @Test(arguments: [(Fault.Call.open, 5), (.write, 2), (.fdatasync, 1), (.fsync, 2), (.rename, 1)])
    fileprivate func aFailureAtAnyCallOfTheFirstStartIsReportedAndLeavesNoTrap(_ call: Fault.Call, _ count: Int) throws {
        for after in 0..<count {
            let scratch = Scratch()
            let fault = Fault(call, after: after, errno: EIO)
            do {
                try open(scratch, fault.fileCalls).close()
                #expect(fault.calls <= after + 1)
            } catch {
                #expect(error is AuditFailure)
                #expect("\(error)".contains(scratch.path))
            }
            try open(scratch, FileCalls()).close()
            #expect(try AuditVerifier(directory: scratch.log).verify().problem == nil)
        }
    }

    @Test(arguments: [Fault.Call.open, .write, .fsync, .rename])
    fileprivate func aFailureInRotationStopsTheLog(_ call: Fault.Call) throws {
        for after in 0..<2 {
            let scratch = Scratch()
            let fault = Fault(call, after: -1, errno: EMFILE)
            let log = try open(scratch, fault.fileCalls) { $0.segmentBytes = 4096 }
            let lane = log.lane(0)
            var durable: UInt64 = 0
            fault.arm(after: call == .write ? 3 + after : after)
            while let ticket = lane.send(), lane.waitUntilDurable(ticket), durable < 100 { durable = ticket.number }
            if case .rename = call, after == 1 {} else { #expect(durable < 40) }
            log.close()
            try open(scratch, FileCalls()).close()
            let report = try AuditVerifier(directory: scratch.log).verify()
            #expect(report.problem == nil)
            #expect(report.records >= durable)
        }
    }

    @Test func lowAndMissingSpaceStopSendsButNotOutcomesAndComeBack() throws {
        let scratch = Scratch()
        let disk = Disk()
        var calls = FileCalls()
        calls.space = { _ in (disk.free.load(ordering: .relaxed), 1000) }
        let log = try open(scratch, calls) {
            $0.warnBelow = .init(percent: 5, bytes: 100)
            $0.stopBelow = .init(percent: 1, bytes: 20)
        }
        let lane = log.lane(0)
        #expect(log.state == .running)
        func settle(_ free: UInt64, _ expected: AuditState) {
            disk.free.store(free, ordering: .relaxed)
            for _ in 0..<200 where log.state != expected {
                _ = lane.offerOutcome()
                lane.publish()
                usleep(20_000)
            }
            #expect(log.state == expected)
        }
        settle(99, .lowSpace)
        #expect(lane.offer() != .refused)
        settle(19, .outOfSpace)
        #expect(lane.offer() == .refused)
        #expect(lane.offerOutcome() != .refused)
        try log.record(EventRecord("suppression-added"))
        settle(1000, .running)
        #expect(lane.offer() != .refused)
        log.close()
    }

    private final class Disk: Sendable {
        let free = Atomic<UInt64>(1000)
    }

    /// A file system of 512 KiB, filled to the last byte. Needs the right to mount one.
    @Test func aFullDiskStopsTheLogAndLosesNothingThatWasDurable() throws {
        let scratch = Scratch()
        let mountPoint = "\(scratch.path)/small"
        mkdir(mountPoint, 0o700)
        defer { rmdir(mountPoint) }
        guard mount("tmpfs", mountPoint, "tmpfs", 0, "size=512k") == 0 else { return }
        defer { umount(mountPoint) }
        let key = try scratch.key()
        let log = try AuditLog(directory: mountPoint, key: key, lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        var durable: UInt64 = 0
        while let ticket = lane.send(), lane.waitUntilDurable(ticket) { durable = ticket.number }
        #expect(durable > 100)
        #expect(lane.state == .failed(.write, errno: ENOSPC))
        log.close()
        let report = try AuditVerifier(directory: mountPoint).verify(isLive: true)
        #expect(report.problem == nil)
        #expect(report.records >= durable + 2)
        // On a disk that is still full the next start says so instead of pretending.
        #expect(throws: AuditFailure.self) {
            try AuditLog(directory: mountPoint, key: key, lanes: 1, settings: .forTests())
        }
    }

    @Test func settingsOutOfRangeAreRefused() throws {
        let scratch = Scratch()
        let changes: [@Sendable (inout AuditSettings) -> Void] = [
            { $0.ringBytes = 100_000 }, { $0.ringBytes = 1 << 15 }, { $0.segmentBytes = 1 }, { $0.maxDelay = -1 },
            { $0.batchRecords = 0 }, { $0.durability = .batch(interval: 0) }, { $0.stopBelow.percent = 101 },
        ]
        for change in changes {
            #expect(throws: AuditFailure.self) { try open(scratch, FileCalls(), change) }
        }
        #expect(throws: AuditFailure.self) { try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 0) }
        #expect(throws: AuditFailure.self) { try AuditLog(directory: "/nonexistent/audit", key: scratch.key(), lanes: 1) }
    }
}
