import Bytes

/// Finds the number that a name stands for: host names, path prefixes. Names are told apart byte by byte.
struct NameIndex: Sendable {
    /// Holds no reference, so that a search counts none. `start` is -1 while the place is free.
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var start: Int32 = -1
        var count: Int32 = 0
        var number = 0
    }

    /// Open addressing; a power of two, at most half full.
    private var slots: [Slot] = Array(repeating: Slot(), count: 16)
    private var count = 0
    /// All names, one behind the other.
    private var text: [UInt8] = []

    /// - Precondition: ``find(_:)`` does not know the name.
    mutating func insert(_ name: [UInt8], number: Int) {
        if (count + 1) * 2 > slots.count { grow() }
        place(Slot(hash: Self.hash(name.span), start: Int32(text.count), count: Int32(name.count), number: number))
        text += name
        count += 1
    }

    /// - Complexity: one probe, most often. No allocation.
    func find(_ name: Span<UInt8>) -> Int? {
        let hash = Self.hash(name), slots = slots.span
        var index = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
        while slots[index].start >= 0 {
            if slots[index].hash == hash, isEqual(name, slots[index]) { return slots[index].number }
            index = (index &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    private func isEqual(_ name: Span<UInt8>, _ slot: Slot) -> Bool {
        name.count == Int(slot.count) && ASCIIText.equal(name, text.span.extracting(Int(slot.start)..<Int(slot.start + slot.count)))
    }

    private mutating func place(_ slot: Slot) {
        var index = Int(truncatingIfNeeded: slot.hash) & (slots.count - 1)
        while slots[index].start >= 0 { index = (index + 1) & (slots.count - 1) }
        slots[index] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        for slot in old where slot.start >= 0 { place(slot) }
    }

    /// The table holds names the operator wrote, so nobody can aim collisions at it: a multiplication for each eight bytes.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        if bytes.count >= 8 {
            while true {
                hash = (hash ^ bytes.word(at: index)) &* 0x9e37_79b9_7f4a_7c15
                hash ^= hash >> 32
                if index == bytes.count &- 8 { return hash }
                // The last word overlaps the one before.
                index = min(index &+ 8, bytes.count &- 8)
            }
        }
        hash = (hash ^ bytes.word(at: 0, length: bytes.count)) &* 0x9e37_79b9_7f4a_7c15
        return hash ^ hash >> 32
    }
}
