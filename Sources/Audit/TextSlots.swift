import Glibc

/// A fixed number of texts of at most 1 KiB each, in one block that its owner reuses. Writing a text allocates nothing.
@safe struct TextSlots: ~Copyable {
    /// One byte more than a field may have on disk: the extra byte tells the writer that the text was longer.
    static let limit = 1025
    private static let stride = 1032
    static let maximumCount = 12

    private let base: UnsafeMutablePointer<UInt8>
    private(set) var lengths: InlineArray<12, UInt16> = .init(repeating: 0)
    /// The slots that hold something, one bit each.
    private var filled: UInt16 = 0
    private let count: Int
    /// The bytes of all texts together.
    private(set) var total = 0

    init(count: Int) {
        precondition(count <= Self.maximumCount)
        self.count = count
        base = .allocate(capacity: count * Self.stride)
    }

    deinit { base.deallocate() }

    mutating func reset() {
        lengths = .init(repeating: 0)
        filled = 0
        total = 0
    }

    mutating func set(_ slot: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(slot < count)
        let length = min(bytes.count, Self.limit)
        if length > 0, let source = bytes.baseAddress { memcpy(base + slot * Self.stride, source, length) }
        total += length - Int(lengths[slot])
        lengths[slot] = UInt16(length)
        filled = length > 0 ? filled | 1 << UInt16(slot) : filled & ~(1 << UInt16(slot))
    }

    /// Copies every text to `target`, one behind the other, and returns the end.
    func copy(to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var target = target
        var rest = filled
        while rest != 0 {
            let slot = rest.trailingZeroBitCount
            rest &= rest &- 1
            memcpy(target, base + slot * Self.stride, Int(lengths[slot]))
            target += Int(lengths[slot])
        }
        return target
    }
}
