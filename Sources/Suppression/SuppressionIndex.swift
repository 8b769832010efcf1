import Glibc
public import Recipients
import Synchronization

/// The suppressions in memory: an immutable snapshot, mapped from a file, under a small table of recent changes.
///
/// Writers take turns. Readers, one ``SuppressionReader`` per worker, take no locks; what they might still be looking at is
/// freed only when each has passed a quiescent point. A change is visible to every look-up that begins after the call that
/// made it has returned.
///
/// The index begins in the state *loading*, in which every key is blocked on every channel. The owner applies what the
/// snapshot lacks (``startup``) and then calls ``markReady()``.
public final class SuppressionIndex: Sendable {
    static let firstDeltaCapacity = 1024

    /// What was found when the index was opened.
    public let startup: SnapshotStartup
    let directory: IndexDirectory
    /// A check value of the digest secret. Every file of keys carries it.
    public let secretID: UInt64
    let words: SharedWords
    let writers: WriterLock<WriterState>

    /// Opens the index in `directory`, which must exist and belongs to this process alone from now on.
    /// - Parameter secretID: a check value of the digest secret, not the secret: a snapshot written under another is refused.
    /// - Throws: ``SuppressionError``. A damaged snapshot is not thrown: it is put aside as evidence and
    ///   ``startup`` says so. A snapshot under another secret is, because there the mistake is likely in the secret.
    /// - Complexity: reads the snapshot once.
    public init(directory path: String, secretID: UInt64) throws(SuppressionError) {
        directory = try IndexDirectory(path: path)
        self.secretID = secretID
        let snapshot: SnapshotFile?
        (snapshot, startup) = try directory.openSnapshot(secretID: secretID)
        words = .allocate()
        words.version.pointee.store((snapshot?.layout.version ?? 0) + 1, ordering: .releasing)
        words.ledgerPosition.pointee.store(snapshot?.layout.ledgerPosition ?? 0, ordering: .releasing)
        let parts = WriterState.Parts(
            snapshot: snapshot, active: DeltaTable(capacity: Self.firstDeltaCapacity), frozen: nil,
            floor: ChannelSet.all.rawValue)
        writers = WriterLock(WriterState(parts, words: words))
    }

    deinit {
        writers.withLock { $0.deallocate() }
        words.deallocate()
    }

    // MARK: Reading

    /// A reader for one worker thread.
    /// - Throws: ``SuppressionError/tooManyReaders(limit:)``.
    public func makeReader() throws(SuppressionError) -> sending SuppressionReader {
        let slot = writers.withLock { _ -> Int? in
            for slot in 0..<SharedWords.readerLimit
            where words.reader(slot).pointee.load(ordering: .acquiring) == SharedWords.vacant {
                words.reader(slot).pointee.store(
                    words.epoch.pointee.load(ordering: .acquiring), ordering: .sequentiallyConsistent)
                return slot
            }
            return nil
        }
        guard let slot else { throw .tooManyReaders(limit: SharedWords.readerLimit) }
        return SuppressionReader(index: self, words: words, slot: slot)
    }

    func release(slot: Int) {
        words.reader(slot).pointee.store(SharedWords.vacant, ordering: .releasing)
    }

    /// What the index holds for `key`, by source. For tools and the admin API; takes the writers' lock.
    public func state(of key: RecipientKey) -> SuppressionState {
        writers.withLock { $0.view.pointee.state(KeyPosition(key)) }
    }

    /// Whether ``markReady()`` was called.
    public var isReady: Bool { writers.withLock { $0.parts.floor == 0 } }
    public var version: UInt64 { words.version.pointee.load(ordering: .acquiring) }
    /// The name that the last rebuild gave to the state of the lists it was made of; 0 before the first. Whoever keeps the
    /// lists compares it with its own at a start: a crash may have left the index one step behind or ahead.
    public var listsID: UInt64 { writers.withLock { $0.parts.snapshot?.layout.listsID ?? 0 } }
    public var ledgerPosition: UInt64 { words.ledgerPosition.pointee.load(ordering: .acquiring) }

    // MARK: Writing

    /// Makes one change. When the call returns, every later look-up on every thread sees it.
    /// - Parameter ledgerPosition: the position of the event behind it.
    public func apply(_ change: SuppressionChange, ledgerPosition: UInt64) throws(SuppressionError) {
        try check(change.channels)
        writers.withLock { state in
            set(change, in: &state)
            publish(ledgerPosition)
        }
    }

    /// Makes many changes under one lock. Each is visible on its own, all when the call returns.
    public func apply(_ changes: [SuppressionChange], ledgerPosition: UInt64) throws(SuppressionError) {
        for change in changes { try check(change.channels) }
        writers.withLock { state in
            for change in changes { set(change, in: &state) }
            publish(ledgerPosition)
        }
    }

    /// Adds `channels` to those that `source` suppresses for `key`.
    public func insert(
        _ key: RecipientKey, _ channels: ChannelSet, source: SuppressionSource = .event, ledgerPosition: UInt64
    ) throws(SuppressionError) {
        try check(channels)
        writers.withLock { state in
            let old = state.view.pointee.state(KeyPosition(key))[source]
            set(SuppressionChange(key: key, source: source, channels: old.union(channels)), in: &state)
            publish(ledgerPosition)
        }
    }

    /// Takes `channels` from those that `source` suppresses for `key`. What the other source says stays.
    public func remove(
        _ key: RecipientKey, _ channels: ChannelSet = .all, source: SuppressionSource = .event, ledgerPosition: UInt64
    ) throws(SuppressionError) {
        try check(channels)
        writers.withLock { state in
            let old = state.view.pointee.state(KeyPosition(key))[source]
            set(SuppressionChange(key: key, source: source, channels: old.subtracting(channels)), in: &state)
            publish(ledgerPosition)
        }
    }

    /// Notes that the index includes all events up to `ledgerPosition`, the last of which changed nothing in it.
    public func advance(to ledgerPosition: UInt64) {
        writers.withLock { _ in publish(ledgerPosition) }
    }

    /// Ends the state *loading*: the index now includes everything it has to.
    public func markReady() {
        writers.withLock { state in
            state.replaceView(words) { $0.floor = 0 }
            words.version.pointee.add(1, ordering: .sequentiallyConsistent)
        }
    }

    private func check(_ channels: ChannelSet) throws(SuppressionError) {
        guard channels.isSubset(of: .all) else { throw .unknownChannels(channels.rawValue) }
    }

    private func set(_ change: SuppressionChange, in state: inout WriterState) {
        let key = KeyPosition(change.key)
        let old = state.parts.active.face.value(key)
        if old.word == 0 && state.parts.active.isFull {
            let larger = state.parts.active.copy(capacity: state.parts.active.capacity * 2)
            state.replaceView(words) { $0.active = larger }
        }
        let next = SuppressionState.none.setting(change.source, to: change.channels)
        state.parts.active.set(key, old.setting(change.source, to: next))
    }

    /// After the change itself: whoever sees the new version or position sees the change. The read-modify-write also
    /// drains this core's stores, so that the change is visible everywhere when the call returns.
    private func publish(_ ledgerPosition: UInt64) {
        if ledgerPosition > words.ledgerPosition.pointee.load(ordering: .relaxed) {
            words.ledgerPosition.pointee.store(ledgerPosition, ordering: .releasing)
        }
        words.version.pointee.add(1, ordering: .sequentiallyConsistent)
    }
}
