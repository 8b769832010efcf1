/// The streams of one connection by id: open addressing with linear probing, at most half full. Our ids count upwards in steps of
/// two, so that streams of about the same age lie in neighbouring slots and hardly ever meet.
struct H2StreamTable: ~Copyable {
    private var slots: UnsafeMutablePointer<UnsafeMutablePointer<H2Stream>?>
    private(set) var capacity = 32
    private(set) var count = 0
    /// Streams that are not in the slot their id names. While there are none, as nearly always, a gap needs no closing.
    private var displaced = 0

    init() {
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: nil, count: capacity)
    }

    deinit { slots.deallocate() }

    @inline(__always)
    private func home(_ id: Int32) -> Int { Int(id >> 1) & (capacity &- 1) }

    @inline(__always)
    subscript(id: Int32) -> UnsafeMutablePointer<H2Stream>? {
        var slot = home(id)
        while let stream = slots[slot] {
            if stream.pointee.id == id { return stream }
            slot = (slot &+ 1) & (capacity &- 1)
        }
        return nil
    }

    /// The stream in a slot below ``capacity``, for going through all of them. Removing it may move one that has not been seen into the
    /// slot: look there again.
    func stream(inSlot slot: Int) -> UnsafeMutablePointer<H2Stream>? { slots[slot] }

    /// Enters a stream whose id is set and not in the table.
    @inline(__always)
    mutating func insert(_ stream: UnsafeMutablePointer<H2Stream>) {
        if (count + 1) * 2 > capacity { grow() }
        place(stream)
        count += 1
    }

    @inline(__always)
    private mutating func place(_ stream: UnsafeMutablePointer<H2Stream>) {
        let home = home(stream.pointee.id)
        var slot = home
        while slots[slot] != nil { slot = (slot &+ 1) & (capacity &- 1) }
        slots[slot] = stream
        if slot != home { displaced += 1 }
    }

    /// Takes out a stream, its id still set, and closes the gap.
    @inline(__always)
    mutating func remove(_ stream: UnsafeMutablePointer<H2Stream>) {
        let mask = capacity &- 1
        var gap = home(stream.pointee.id)
        while let found = slots[gap], found != stream { gap = (gap &+ 1) & mask }
        guard slots[gap] != nil else { return }
        if gap != home(stream.pointee.id) { displaced -= 1 }
        var slot = gap
        while displaced > 0 {
            slot = (slot &+ 1) & mask
            guard let next = slots[slot] else { break }
            // It may move into the gap unless its own place lies behind that.
            let home = home(next.pointee.id)
            if (slot &- home) & mask >= (slot &- gap) & mask {
                slots[gap] = next
                if home == gap { displaced -= 1 }
                gap = slot
            }
        }
        slots[gap] = nil
        count -= 1
    }

    @inline(never)
    private mutating func grow() {
        let old = slots, oldCapacity = capacity
        capacity *= 2
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: nil, count: capacity)
        displaced = 0
        for slot in 0..<oldCapacity {
            if let stream = old[slot] { place(stream) }
        }
        old.deallocate()
    }
}
