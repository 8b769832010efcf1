import Glibc
import Synchronization

/// The evidence of every decision: an append-only, hash-chained log in a directory of its own, written by one thread.
/// docs/audit-format.md describes the files byte by byte.
///
/// Each worker takes one ``AuditLane``; everybody else uses ``record(_:)``.
public final class AuditLog: Sendable {
    public let settings: AuditSettings
    /// What was found, and cut, when the log was opened.
    public let recovery: AuditRecovery
    public let counts: AuditCounts

    private let rings: [AuditRing]
    private let signals: AuditSignals
    private let boot: UInt64
    private let events: EventLane
    private let thread: WriterThread
    private let lock: DirectoryLock

    /// Opens the log for writing, or makes a new one, and starts the writer.
    /// - Parameters:
    ///   - directory: holds the log and nothing else; made with mode 0700 if it is missing.
    ///   - lanes: how many workers will write, 1 to 255.
    /// - Throws: ``AuditFailure``. A log with damage that no crash leaves is refused and stays as it is.
    /// - Complexity: reads the last segment once.
    public convenience init(
        directory: String, key: AuditKey, lanes: Int, settings: AuditSettings = AuditSettings()
    ) throws(AuditFailure) {
        try self.init(directory: directory, key: key, lanes: lanes, settings: settings, calls: FileCalls())
    }

    init(
        directory: String, key: AuditKey, lanes: Int, settings: AuditSettings, calls: FileCalls
    ) throws(AuditFailure) {
        guard (1...255).contains(lanes) else { throw .setting("lanes is \(lanes), give 1 to 255") }
        if let complaint = settings.complaint { throw .setting(complaint) }
        self.settings = settings
        lock = try DirectoryLock(directory)
        let start = try SegmentStart(directory: directory, settings: settings, calls: calls)
        recovery = start.recovery
        boot = try Self.nextBoot(after: start.lastBoot)
        signals = try AuditSignals()
        counts = AuditCounts()
        var rings: [AuditRing] = []
        for _ in 0..<lanes { rings.append(try AuditRing(bytes: settings.ringBytes)) }
        let eventRing = try AuditRing(bytes: 256 << 10)
        rings.append(eventRing)
        self.rings = rings
        let eventLock = ConditionLock()
        let writer = try AuditWriter(
            directory: directory, settings: settings, calls: calls, rings: rings, signals: signals, counts: counts,
            eventLock: eventLock, boot: boot, key: key, start: start)
        events = EventLane(
            lane: AuditLane(ring: eventRing, signals: signals, settings: settings, boot: boot, number: UInt8(lanes)),
            ring: eventRing, signals: signals, lock: eventLock)
        thread = try WriterThread(writer)
    }

    deinit { close() }

    /// The lane of one worker. It belongs to the thread that uses it.
    /// - Precondition: `index` is below the number of lanes and was not asked for before: two producers on one ring would
    ///   destroy each other's records.
    public func lane(_ index: Int) -> AuditLane {
        precondition(index >= 0 && index < rings.count - 1, "the log has \(rings.count - 1) lanes")
        precondition(!rings[index].taken.exchange(true, ordering: .relaxed), "lane \(index) is taken")
        return AuditLane(ring: rings[index], signals: signals, settings: settings, boot: boot, number: UInt8(index))
    }

    /// Writes one event from any thread and returns when it is on disk, whatever ``AuditSettings/durability`` says. Blocks
    /// the thread for about one sync.
    /// - Throws: ``AuditFailure/notRunning(_:)``, ``AuditFailure/tooLarge``.
    public func record(_ event: borrowing EventRecord, at instant: AuditInstant = .now()) throws(AuditFailure) {
        try events.record(event, at: instant)
    }

    public var state: AuditState { signals.state }

    /// Writes what the lanes have published and a closing record, and ends the writer. Returns when all is on disk or the
    /// log has failed. Nothing may be appended any more.
    public func close() {
        signals.closing.store(true, ordering: .sequentiallyConsistent)
        signals.wakeup.signal()
        thread.join()
        lock.release()
    }

    /// A name for this start that is above every earlier start's: see ``AuditID/boot``.
    private static func nextBoot(after last: UInt64) throws(AuditFailure) -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        let seconds = UInt64(max(0, AuditInstant.now().wall / 1_000_000)) & 0xffff_ffff
        let boot = max(seconds << 16 | generator.next() & 0xffff, last + 1)
        guard boot <= 0xffff_ffff_ffff else { throw .setting("the clock and the log's last start leave no name for this start") }
        return boot
    }
}
