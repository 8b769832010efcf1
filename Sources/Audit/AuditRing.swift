import Glibc
import Synchronization

/// The bytes between one producer and the writer. Positions count bytes since the start and never wrap; an entry is never
/// split: where it does not fit before the end, a padding entry sends both sides back to the front.
///
/// `head` belongs to the producer and `tail` to the writer; each publishes with release and reads the other's with acquire.
@safe final class AuditRing: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int

    /// Kept on cache lines of their own, so that the two threads do not fight over one.
    private let gap0: InlineArray<8, UInt64> = .init(repeating: 0)
    /// Bytes that hold whole entries for the writer to take.
    let head = Atomic<UInt64>(0)
    /// Entries before `head`, for the threshold of a sync.
    let published = Atomic<UInt64>(0)
    /// The last entry before `head` that somebody waits for.
    let awaited = Atomic<UInt64>(0)
    /// The last entry before `head` whose commit is not to be put off at all.
    let urgent = Atomic<UInt64>(0)
    private let gap1: InlineArray<8, UInt64> = .init(repeating: 0)
    /// Bytes the writer has taken.
    let tail = Atomic<UInt64>(0)
    /// Entries on disk.
    let durable = Atomic<UInt64>(0)
    private let gap2: InlineArray<8, UInt64> = .init(repeating: 0)
    /// Set by the producer when it wants ``wakeup`` at the writer's next progress.
    let wantsWakeup = Atomic<Bool>(false)
    let taken = Atomic<Bool>(false)
    let wakeup: EventDescriptor

    init(bytes: Int) throws(AuditFailure) {
        wakeup = try EventDescriptor()
        guard let block = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), block != MAP_FAILED
        else { throw .system(.open, path: "\(bytes) bytes of memory for an audit ring", errno: errno) }
        base = block
        capacity = bytes
    }

    deinit { munmap(base, capacity) }

    /// The largest entry the ring can always take once it is empty, wherever its positions stand.
    var largestEntry: Int { capacity / 2 }

    /// Whether so much waits that a commit is not put off: from `tail` to `head` a quarter of the ring, or `records` at
    /// least `limit`.
    @inline(__always)
    func isBatch(head: UInt64, tail: UInt64, records: UInt64, limit: UInt64) -> Bool {
        records >= limit || head &- tail >= UInt64(capacity / 4)
    }

    @inline(__always)
    func offset(_ position: UInt64) -> Int { Int(position & UInt64(capacity - 1)) }
}
