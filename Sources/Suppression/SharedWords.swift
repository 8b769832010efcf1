import Glibc
import Synchronization

/// The few words that writers and readers share, each group on its own cache line so that a busy writer does not slow readers,
/// and one line per reader for the epoch it was last seen in.
struct SharedWords: @unchecked Sendable {
    static let readerLimit = 256
    /// The epoch of a slot that nobody holds.
    static let vacant: UInt64 = 0
    /// The epoch of a reader that sleeps and holds no view.
    static let parked = UInt64.max
    private static let wordsPerLine = 8

    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    static func allocate() -> SharedWords {
        let count = (5 + readerLimit) * wordsPerLine
        guard let memory = aligned_alloc(64, count * 8) else { fatalError("out of memory: \(count * 8) bytes") }
        memset(memory, 0, count * 8)
        return SharedWords(words: memory.bindMemory(to: Atomic<UInt64>.self, capacity: count))
    }

    func deallocate() { free(words) }

    /// The address of the current view.
    var view: UnsafeMutablePointer<Atomic<UInt64>> { words }
    var version: UnsafeMutablePointer<Atomic<UInt64>> { words + Self.wordsPerLine }
    var ledgerPosition: UnsafeMutablePointer<Atomic<UInt64>> { words + 2 * Self.wordsPerLine }
    /// Counts publications. A reader that has seen epoch e holds no view older than e.
    var epoch: UnsafeMutablePointer<Atomic<UInt64>> { words + 3 * Self.wordsPerLine }
    func reader(_ slot: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { words + (5 + slot) * Self.wordsPerLine }

    @inline(__always)
    var currentView: UnsafePointer<IndexView> {
        UnsafePointer(bitPattern: UInt(words.pointee.load(ordering: .acquiring))).unsafelyUnwrapped
    }
}
