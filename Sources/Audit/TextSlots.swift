import Glibc

/// A fixed number of texts of at most 1 KiB each, in one block that its owner reuses. Writing a text allocates nothing.
@safe struct TextSlots: ~Copyable {
    /// One byte more than a field may have on disk: the extra byte tells the writer that the text was longer.
    static let limit = 1025
    private static let stride = 1032
    static let maximumCount = 12

    private let base: UnsafeMutablePointer<UInt8>
    private(set) var lengths: InlineArray<12, UInt16> = .init(repeating: 0)
    private let count: Int

    init(count: Int) {
        precondition(count <= Self.maximumCount)
        self.count = count
        base = .allocate(capacity: count * Self.stride)
    }

    deinit { base.deallocate() }

    mutating func reset() { lengths = .init(repeating: 0) }

    mutating func set(_ slot: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(slot < count)
        let length = min(bytes.count, Self.limit)
        if length > 0, let source = bytes.baseAddress { memcpy(base + slot * Self.stride, source, length) }
        lengths[slot] = UInt16(length)
    }

    /// The bytes of all texts together.
    var total: Int {
        var total = 0
        for slot in 0..<count { total += Int(lengths[slot]) }
        return total
    }

    /// Copies every text to `target`, one behind the other, and returns the end.
    func copy(to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var target = target
        for slot in 0..<count where lengths[slot] > 0 {
            memcpy(target, base + slot * Self.stride, Int(lengths[slot]))
            target += Int(lengths[slot])
        }
        return target
    }
}
