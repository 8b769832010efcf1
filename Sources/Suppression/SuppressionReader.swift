public import Recipients
import Synchronization

/// One worker's way into the index. A look-up takes no lock, counts no reference and allocates nothing.
///
/// Belongs to one thread. That thread calls ``quiesce()`` once per turn of its loop, which lets the index free what it has
/// replaced, and ``park()`` before it may sleep for long.
public final class SuppressionReader: SuppressionLookup {
    private let words: SharedWords
    private let slot: Int
    /// Keeps the memory that `words` points at.
    private let index: SuppressionIndex

    init(index: SuppressionIndex, words: SharedWords, slot: Int) {
        self.index = index
        self.words = words
        self.slot = slot
    }

    deinit { index.release(slot: slot) }

    /// Whether the index may be asked. While it loads, every look-up answers that all channels are blocked; the owner answers
    /// 503 rather than blame the recipients.
    public var isReady: Bool { words.currentView.pointee.floor == 0 }

    /// The channels on which `key` must not be contacted.
    /// - Complexity: at most one cache line for a key that is not suppressed (0.8 % of them: 2 more), about 3 for one that is,
    ///   and one byte-a-slot filter of recent changes. No allocation, no lock.
    public func blockedChannels(_ key: RecipientKey) -> ChannelSet {
        ChannelSet(rawValue: words.currentView.pointee.blocked(KeyPosition(key)))
    }

    /// The channels of many keys: the same answers as one call for each, in less time, because the keys' cache lines
    /// are fetched together. All answers come from one view: changes made while the call runs may or may not show.
    /// - Precondition: `channels` has at least as many elements as `keys`.
    public func blockedChannels(of keys: Span<RecipientKey>, into channels: inout MutableSpan<ChannelSet>) {
        precondition(channels.count >= keys.count, "no room for the answers")
        let view = words.currentView
        var start = 0
        while start < keys.count {
            let end = min(start + IndexView.batch, keys.count)
            view.pointee.blocked(keys, start..<end, into: &channels)
            start = end
        }
    }

    public var version: UInt64 { words.version.pointee.load(ordering: .acquiring) }

    /// Answers given after this was read include every ledger event up to it.
    public var ledgerPosition: UInt64 { words.ledgerPosition.pointee.load(ordering: .acquiring) }

    /// Says that this thread is between look-ups. Once per loop turn; costs two moves.
    public func quiesce() {
        words.reader(slot).pointee.store(words.epoch.pointee.load(ordering: .acquiring), ordering: .releasing)
    }

    /// Says that no look-up comes before the next ``unpark()``: a sleeping worker holds up nothing.
    public func park() {
        words.reader(slot).pointee.store(SharedWords.parked, ordering: .releasing)
    }

    /// Ends ``park()``.
    public func unpark() {
        words.reader(slot).pointee.store(words.epoch.pointee.load(ordering: .acquiring), ordering: .releasing)
        // Pairs with the fence in WriterState.reclaim: either it sees this reader awake, or we see the view it kept.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }
}
