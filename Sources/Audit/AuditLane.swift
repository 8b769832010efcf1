import Synchronization

/// One worker's way into the log. Belongs to the thread that asked for it: never shared, never locked, no allocation on
/// append. Records become visible to the writer at ``publish()``, once per loop turn.
public final class AuditLane {
    let ring: AuditRing
    private let signals: AuditSignals
    private let settings: AuditSettings
    private let boot: UInt64
    private let number: UInt8

    @exclusivity(unchecked) private var head: UInt64
    @exclusivity(unchecked) private var knownTail: UInt64
    @exclusivity(unchecked) private var appended: UInt64
    /// The last entries that somebody waits for, and that are urgent.
    @exclusivity(unchecked) private var awaited: UInt64 = 0
    @exclusivity(unchecked) private var urgent: UInt64 = 0
    /// The deepest sleep that what is not published yet leaves the writer in; ``AuditSignals/Sleep/idle`` when there is nothing.
    @exclusivity(unchecked) private var leavesAsleep = AuditSignals.Sleep.idle

    init(ring: AuditRing, signals: AuditSignals, settings: AuditSettings, boot: UInt64, number: UInt8) {
        self.ring = ring
        self.signals = signals
        self.settings = settings
        self.boot = boot
        self.number = number
        head = ring.head.load(ordering: .relaxed)
        knownTail = ring.tail.load(ordering: .acquiring)
        appended = ring.published.load(ordering: .relaxed)
    }

    /// How the log is doing. One atomic load.
    public var state: AuditState { signals.state }

    /// Records at or below this ticket are on disk; their sends may go out. With ``AuditSettings/Durability/batch(interval:)``
    /// the last record appended, at once.
    public var durable: AuditTicket {
        if case .batch = settings.durability { return AuditTicket(number: appended) }
        return AuditTicket(number: ring.durable.load(ordering: .acquiring))
    }

    /// The id of the decision that was appended with this ticket.
    public func id(of decision: AuditTicket) -> AuditID { AuditID(boot: boot, lane: number, counter: decision.number) }

    /// Appends a decision. An eighth of the ring is left to outcomes, so that a send that went out can still be accounted for.
    /// - Complexity: linear in the size of the record; no allocation, no system call.
    public func append(_ decision: borrowing DecisionRecord, at instant: AuditInstant) -> AuditAppend {
        guard signals.state.takesDecisions else { return .refused }
        let size = decision.ringSize
        guard size <= ring.largestEntry else { return .refused }
        guard let target = reserve(size, leaving: ring.capacity / 8) else { return .full }
        decision.copy(to: target + RingEntry.headSize)
        return commit(target, size, .decision, instant)
    }

    /// Appends what became of a send.
    public func append(_ outcome: borrowing OutcomeRecord, at instant: AuditInstant) -> AuditAppend {
        guard signals.state.takesRecords else { return .refused }
        let size = outcome.ringSize
        guard let target = reserve(size, leaving: 0) else { return .full }
        outcome.copy(to: target + RingEntry.headSize)
        return commit(target, size, .outcome, instant)
    }

    /// Appends an event from a worker. Other threads use ``AuditLog/record(_:)``.
    public func append(_ event: borrowing EventRecord, at instant: AuditInstant) -> AuditAppend {
        guard signals.state.takesRecords else { return .refused }
        let size = event.ringSize
        guard let target = reserve(size, leaving: 0) else { return .full }
        event.copy(to: target + RingEntry.headSize)
        return commit(target, size, .event, instant)
    }

    /// Hands everything appended to the writer and wakes it if it sleeps and should not. Call once per loop turn; costs nothing
    /// when nothing was appended.
    public func publish() {
        guard leavesAsleep < AuditSignals.Sleep.idle else { return }
        let deepest = leavesAsleep
        leavesAsleep = AuditSignals.Sleep.idle
        ring.published.store(appended, ordering: .relaxed)
        ring.awaited.store(awaited, ordering: .relaxed)
        ring.urgent.store(urgent, ordering: .relaxed)
        // The store of `head` and the load of `sleep` must not change places, nor must the writer's two: one of the two
        // sides then always sees the other.
        ring.head.store(head, ordering: .sequentiallyConsistent)
        let sleep = signals.sleep.load(ordering: .sequentiallyConsistent)
        guard sleep != AuditSignals.Sleep.awake else { return }
        if sleep <= deepest {
            let isBatch = ring.isBatch(
                head: head, tail: ring.tail.load(ordering: .relaxed),
                records: appended &- ring.durable.load(ordering: .relaxed), limit: settings.commitRecords)
            guard isBatch else { return }
        }
        if signals.sleep.exchange(AuditSignals.Sleep.awake, ordering: .acquiringAndReleasing) != AuditSignals.Sleep.awake {
            signals.wakeup.signal()
        }
    }

    /// Asks for a commit of everything appended so far without a wait for more records: those who append are all waiting
    /// themselves. Takes effect at the next ``publish()``; nothing happens when all is on disk.
    public func hurry() {
        guard urgent < appended, ring.durable.load(ordering: .relaxed) < appended else { return }
        urgent = appended
        leavesAsleep = AuditSignals.Sleep.awake
    }

    /// Readable after ``requestWakeup()`` once the writer has got further or the log's state has changed. Belongs into the
    /// worker's epoll set.
    public var wakeupDescriptor: Int32 { ring.wakeup.number }

    /// Asks for one signal on ``wakeupDescriptor``. Ask first, then look at ``durable`` and ``state`` once more, then wait:
    /// no progress is missed in that order.
    public func requestWakeup() { ring.wantsWakeup.store(true, ordering: .sequentiallyConsistent) }

    /// Makes ``wakeupDescriptor`` unreadable again. Call when it was reported readable, before looking at ``durable``.
    public func drainWakeup() { ring.wakeup.drain() }

    /// Finds `size` contiguous bytes, a padding entry before them where the ring's end is too near.
    private func reserve(_ size: Int, leaving spare: Int) -> UnsafeMutableRawPointer? {
        let offset = ring.offset(head)
        let toEnd = ring.capacity - offset
        let skip = toEnd < size ? toEnd : 0
        let need = skip + size + spare
        if need > free {
            knownTail = ring.tail.load(ordering: .acquiring)
            // A ring that is empty takes what fits: the spare room is for outcomes of sends that are in it.
            guard need <= free || (free == ring.capacity && skip + size <= free) else { return nil }
        }
        guard skip > 0 else { return ring.base + offset }
        let padding = RingEntry(
            length: UInt32(skip), kind: RingEntry.Kind.padding.rawValue, at: AuditInstant(wall: 0, monotonic: 0))
        // Entries are multiples of 8 and so is what is left, which may be less than a whole head: the first two fields fit.
        (ring.base + offset).storeBytes(of: padding.length, as: UInt32.self)
        (ring.base + offset).storeBytes(of: padding.kind, toByteOffset: 4, as: UInt8.self)
        head &+= UInt64(skip)
        return ring.base
    }

    private var free: Int { ring.capacity - Int(head &- knownTail) }

    private func commit(
        _ target: UnsafeMutableRawPointer, _ size: Int, _ kind: RingEntry.Kind, _ instant: AuditInstant
    ) -> AuditAppend {
        target.storeBytes(of: RingEntry(length: UInt32(size), kind: kind.rawValue, at: instant), as: RingEntry.self)
        head &+= UInt64(size)
        appended &+= 1
        switch kind {
        case .event:
            // Whoever records one is stopped until it is on disk.
            urgent = appended
            leavesAsleep = AuditSignals.Sleep.awake
        case .decision where settings.durability == .strict:
            awaited = appended
            leavesAsleep = min(leavesAsleep, AuditSignals.Sleep.pacing)
        default: leavesAsleep = min(leavesAsleep, AuditSignals.Sleep.gathering)
        }
        return .queued(AuditTicket(number: appended))
    }
}
