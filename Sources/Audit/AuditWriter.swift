import Glibc
import Synchronization

/// Takes records out of the rings, spells them and makes them durable. Lives on one thread.
final class AuditWriter {
    /// A commit is closed when it has reached this many bytes, however many records wait.
    private static let commitBytes = 1 << 20
    /// A commit of fewer lines than this is a small one.
    private static let littleWork: UInt64 = 16
    /// Milliseconds that an outcome waits for a decision to be committed with.
    private static let patience: UInt64 = 20
    /// Milliseconds between two looks at the free space.
    private static let spaceInterval: UInt64 = 100

    private let directory: String
    private let settings: AuditSettings
    private let calls: FileCalls
    private let rings: [AuditRing]
    private let signals: AuditSignals
    private let counts: AuditCounts
    private let eventLock: ConditionLock
    private let boot: UInt64

    // One thread touches these and no call comes back into the writer: nothing to check at every access.
    @exclusivity(unchecked) private var segment: SegmentFile
    @exclusivity(unchecked) private var format: RecordFormat
    @exclusivity(unchecked) private var hash = SHA256()
    @exclusivity(unchecked) private var lines = LineBuffer(capacity: commitBytes + 128 << 10)
    /// The number of the next line.
    @exclusivity(unchecked) private var sequence: UInt64
    /// For each ring, the entries taken out of it.
    @exclusivity(unchecked) private var taken: [UInt64]
    @exclusivity(unchecked) private var lastCommit: UInt64 = 0
    /// How many lines the last commit had.
    @exclusivity(unchecked) private var lastLines: UInt64 = 0
    /// Since when only records wait that nobody waits for.
    @exclusivity(unchecked) private var gatheringSince: UInt64?
    @exclusivity(unchecked) private var lastSpaceCheck: UInt64 = 0

    init(
        directory: String, settings: AuditSettings, calls: FileCalls, rings: [AuditRing], signals: AuditSignals,
        counts: AuditCounts, eventLock: ConditionLock, boot: UInt64, key: AuditKey, start: consuming SegmentStart
    ) throws(AuditFailure) {
        self.directory = directory
        self.settings = settings
        self.calls = calls
        self.rings = rings
        self.signals = signals
        self.counts = counts
        self.eventLock = eventLock
        self.boot = boot
        taken = Array(repeating: 0, count: rings.count)
        var format = RecordFormat(key: key)
        let now = AuditInstant.now()
        let recovery = start.recovery
        let lastTime = start.lastTime
        sequence = recovery.lastSequence + 1
        if let last = start.segment.take() {
            segment = last
        } else {
            let first = sequence
            format.segment(1, boot: boot, now, &sequence, &lines)
            segment = try SegmentFile.create(
                number: 1, directory: directory, chain: AuditDigest(), first: first, last: sequence - 1,
                lines: &lines, hash: &hash, calls: calls)
        }
        lines.reset(keeping: .max)
        let first = sequence
        if let lastTime, now.wall < lastTime - 1_000_000 {
            format.clockStep(now.wall - lastTime, now, &sequence, &lines)
        }
        format.opened(boot: boot, recovery: recovery, now, &sequence, &lines)
        self.format = format
        try segment.commit(&lines, first: first, last: sequence - 1, hash: &hash, calls: calls)
        checkSpace(now: Self.milliseconds())
    }

    /// Works until the log is closed or fails.
    func run() {
        do throws(AuditFailure) {
            while try turn() {}
        } catch {
            if case .system(let operation, _, let errno) = error {
                signals.state = .failed(operation, errno: errno)
            }
        }
        wakeEverybody()
    }

    /// One commit, or one sleep.
    /// - Returns: `false` when all is written and the log is closing.
    private func turn() throws(AuditFailure) -> Bool {
        rest()
        guard due < AuditSignals.Sleep.idle else {
            if signals.closing.load(ordering: .sequentiallyConsistent), due == AuditSignals.Sleep.idle {
                try finish()
                return false
            }
            sleep(AuditSignals.Sleep.idle, milliseconds: signals.state == .running ? -1 : 1000)
            let now = Self.milliseconds()
            if signals.state != .running { checkSpace(now: now) }
            return true
        }
        gather()
        if segment.length >= settings.segmentBytes { try rotate() }
        lastCommit = Self.milliseconds()
        let first = sequence
        lines.reset(keeping: 4 * Self.commitBytes)
        collect()
        gatheringSince = nil
        guard sequence > first else { return true }
        lastLines = sequence - first
        try segment.commit(&lines, first: first, last: sequence - 1, hash: &hash, calls: calls)
        counts.add(records: sequence - first, bytes: lines.count)
        announce()
        checkSpace(now: lastCommit)
        return true
    }

    /// How deep the writer may sleep with what the rings hold: ``AuditSignals/Sleep/awake`` when a commit is due whatever the
    /// time is, ``AuditSignals/Sleep/idle`` when there is nothing to commit.
    private var due: UInt8 {
        var depth = AuditSignals.Sleep.idle
        for index in rings.indices {
            let ring = rings[index]
            let head = ring.head.load(ordering: .sequentiallyConsistent)
            let tail = ring.tail.load(ordering: .relaxed)
            guard head != tail else { continue }
            let records = ring.published.load(ordering: .relaxed) &- taken[index]
            if ring.urgent.load(ordering: .relaxed) > taken[index]
                || ring.isBatch(head: head, tail: tail, records: records, limit: settings.commitRecords)
            {
                return AuditSignals.Sleep.awake
            }
            let isAwaited = ring.awaited.load(ordering: .relaxed) > taken[index]
            depth = min(depth, isAwaited ? AuditSignals.Sleep.pacing : AuditSignals.Sleep.gathering)
        }
        return depth
    }

    /// Milliseconds from one commit that a send waits for to the next. Little to commit means that there is time to commit it
    /// sooner.
    private var pacingTime: UInt64 {
        let longest = UInt64(settings.maxDelay)
        return lastLines < Self.littleWork ? (longest + 1) / 2 : longest
    }

    /// Milliseconds that records nobody waits for may lie in the rings.
    private var gatheringTime: UInt64 {
        switch settings.durability {
        case .strict: Self.patience
        case .batch(let interval): UInt64(interval)
        }
    }

    /// Sleeps until sends may have another commit: ``pacingTime`` after the last one began, or when a batch is full or something
    /// is urgent. Sleeps so, too, when nothing waits yet: the first send after a commit would otherwise wake the writer only to
    /// be put off by it, a system call and two context switches beside a worker on the same core.
    private func rest() {
        guard settings.durability == .strict else { return }
        let end = lastCommit + pacingTime
        while !signals.closing.load(ordering: .relaxed), due > AuditSignals.Sleep.awake {
            let now = Self.milliseconds()
            guard now < end else { return }
            sleep(AuditSignals.Sleep.pacing, milliseconds: Int32(end - now))
        }
    }

    /// Lets records gather that nobody waits for: they go with the next send's commit, or by themselves after
    /// ``gatheringTime``. What a send waits for is due at once, as ``rest()`` is over: after an idle spell a lone send waits for
    /// nothing but the disk.
    private func gather() {
        while !signals.closing.load(ordering: .relaxed), due == AuditSignals.Sleep.gathering {
            let now = Self.milliseconds()
            let since = gatheringSince ?? now
            gatheringSince = since
            let end = since + gatheringTime
            guard now < end else { return }
            sleep(AuditSignals.Sleep.gathering, milliseconds: Int32(end - now))
        }
    }

    private func sleep(_ depth: UInt8, milliseconds: Int32) {
        signals.sleep.store(depth, ordering: .sequentiallyConsistent)
        // A producer that published before it could see `depth` is seen here; one that comes later sees `depth`.
        if due >= depth, !signals.closing.load(ordering: .sequentiallyConsistent) {
            signals.wakeup.wait(milliseconds: milliseconds)
        }
        signals.sleep.store(AuditSignals.Sleep.awake, ordering: .relaxed)
    }

    /// Spells what the rings hold, lane after lane, until the commit is large enough.
    private func collect() {
        for index in rings.indices {
            let ring = rings[index]
            var tail = ring.tail.load(ordering: .relaxed)
            let head = ring.head.load(ordering: .acquiring)
            var counter = taken[index]
            while tail != head, lines.count < Self.commitBytes {
                let entry = ring.base + ring.offset(tail)
                let length = Int(entry.load(as: UInt32.self))
                if entry.load(fromByteOffset: 4, as: UInt8.self) != RingEntry.Kind.padding.rawValue {
                    counter &+= 1
                    let id = AuditID(boot: boot, lane: UInt8(index), counter: counter)
                    format.put(entry, id: id, sequence: &sequence, to: &lines)
                    // The identifiers in it are not for a core dump.
                    memset(entry, 0, length)
                }
                tail &+= UInt64(length)
            }
            taken[index] = counter
            ring.tail.store(tail, ordering: .releasing)
        }
    }

    /// Tells the lanes how far they are on disk.
    private func announce() {
        for index in rings.indices {
            let ring = rings[index]
            guard ring.durable.load(ordering: .relaxed) != taken[index] else { continue }
            ring.durable.store(taken[index], ordering: .sequentiallyConsistent)
            wake(ring, isEvents: index == rings.count - 1)
        }
    }

    private func wake(_ ring: AuditRing, isEvents: Bool) {
        if isEvents {
            eventLock.lock()
            eventLock.wakeAll()
            eventLock.unlock()
        } else if ring.wantsWakeup.exchange(false, ordering: .sequentiallyConsistent) {
            ring.wakeup.signal()
        }
    }

    private func wakeEverybody() {
        for index in rings.indices { wake(rings[index], isEvents: index == rings.count - 1) }
    }

    /// Goes on in a new segment. The old one is synced as it is.
    private func rotate() throws(AuditFailure) {
        let first = sequence
        lines.reset(keeping: 4 * Self.commitBytes)
        format.segment(segment.number + 1, boot: boot, .now(), &sequence, &lines)
        segment = try SegmentFile.create(
            number: segment.number + 1, directory: directory, chain: segment.chain, first: first, last: sequence - 1,
            lines: &lines, hash: &hash, calls: calls)
        counts.add(records: sequence - first, bytes: lines.count)
    }

    private func finish() throws(AuditFailure) {
        let first = sequence
        lines.reset(keeping: .max)
        let now = AuditInstant.now()
        format.noteClock(now, &sequence, &lines)
        format.closed(now, &sequence, &lines)
        try segment.commit(&lines, first: first, last: sequence - 1, hash: &hash, calls: calls)
        counts.add(records: sequence - first, bytes: lines.count)
        announce()
        signals.state = .closed
    }

    private func checkSpace(now: UInt64) {
        guard now >= lastSpaceCheck + Self.spaceInterval || lastSpaceCheck == 0 else { return }
        lastSpaceCheck = now
        // A file system that does not tell is taken for a full one.
        let space = segment.space(calls) ?? (free: 0, total: .max)
        let isBelow = { (floor: AuditSettings.SpaceFloor) in
            space.free < max(floor.bytes, space.total / 100 * UInt64(floor.percent))
        }
        let state: AuditState =
            isBelow(settings.stopBelow) ? .outOfSpace : isBelow(settings.warnBelow) ? .lowSpace : .running
        guard state != signals.state else { return }
        signals.state = state
        // Sends that wait for room may be taken or refused now.
        wakeEverybody()
    }

    private static func milliseconds() -> UInt64 { AuditInstant.now().monotonic / 1_000_000 }
}
