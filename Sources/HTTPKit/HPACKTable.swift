import Glibc

/// A dynamic table (RFC 7541 section 2.3.2): a ring of entries, and their bytes in a ring beside it. Allocates once.
///
/// Entries are numbered from 1 in the order they come; number `n` is held while `evicted < n <= inserted`.
@safe struct HPACKTable: ~Copyable {
    /// What each entry counts for beside its bytes (section 4.1).
    static let overhead = 32

    /// The largest ``limit``, in octets as section 4.1 counts them.
    let capacity: Int
    private let entries: UnsafeMutablePointer<HPACKEntry>
    /// Numbers wrap at a power of two that is at least as many entries as fit.
    let mask: Int
    private let bytes: UnsafeMutablePointer<UInt8>
    /// Where the next entry's bytes go.
    private var head = 0
    /// Entries that ever came, and those of them that are gone.
    private(set) var inserted = 0, evicted = 0
    private(set) var size = 0
    private(set) var limit: Int

    init(capacity: Int) {
        self.capacity = capacity
        limit = capacity
        var slots = 1
        while slots < capacity / Self.overhead { slots *= 2 }
        mask = slots - 1
        entries = .allocate(capacity: slots)
        bytes = .allocate(capacity: Self.ringSize(capacity))
    }

    deinit {
        entries.deallocate()
        bytes.deallocate()
    }

    /// Three times what the entries can fill: so much that a new entry never lies on one that it evicts, wherever the ring wraps.
    /// A name may thus be taken from an entry that makes room for its own user (section 4.4).
    private static func ringSize(_ capacity: Int) -> Int { 3 * capacity }

    @inline(__always) var count: Int { inserted &- evicted }
    @inline(__always) func holds(_ number: Int) -> Bool { number > evicted }

    /// The entry with this number, which is held.
    @inline(__always)
    func entry(_ number: Int) -> UnsafePointer<HPACKEntry> { UnsafePointer(entries + (number & mask)) }

    /// Enters a field line, having made room. One that is larger than the table empties it (section 4.4).
    /// - Parameter name: may belong to an entry of this table; `value` may not.
    /// - Returns: where name and value lie now, or `nil` when it was not entered.
    mutating func insert(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ token: HeaderToken, isSound: Bool
    ) -> UnsafePointer<UInt8>? {
        let length = name.count + value.count
        let fits = length <= limit - Self.overhead
        evict(to: fits ? limit - Self.overhead - length : 0)
        guard fits else { return nil }
        if head > Self.ringSize(capacity) - length { head = 0 }
        let room = bytes + head
        if let from = name.baseAddress { memcpy(room, from, name.count) }
        if let from = value.baseAddress { memcpy(room + name.count, from, value.count) }
        inserted += 1
        (entries + (inserted & mask)).initialize(to: HPACKEntry(
            name: room, nameCount: UInt32(name.count), valueCount: UInt32(value.count), token: token, isSound: isSound))
        head += length
        size += length + Self.overhead
        return UnsafePointer(room)
    }

    /// Changes the limit, at most to `capacity`; entries that no longer fit go (section 4.3).
    mutating func resize(_ limit: Int) {
        precondition(limit >= 0 && limit <= capacity)
        self.limit = limit
        evict(to: limit)
    }

    private mutating func evict(to limit: Int) {
        while size > limit {
            evicted += 1
            size -= entry(evicted).pointee.size
        }
    }
}
