/// Which numbered fields of a form have been seen: a list item that is there twice is read in two ways.
///
/// Open addressing under a secret, so that chosen numbers cannot be made to collide. Keeps its storage; an epoch stands for
/// clearing it.
public struct NumberedFields: ~Copyable {
    private struct Slot {
        var epoch: UInt32
        var slot: UInt32
        var numbers: FormPattern.Numbers
    }

    private var slots: [Slot] = []
    private var used = 0
    private var epoch: UInt32 = 1
    private let secret: UInt64

    public init() {
        var random = SystemRandomNumberGenerator()
        secret = random.next() | 1
    }

    public mutating func reset() {
        used = 0
        if epoch == .max {
            slots.removeAll()
            epoch = 0
        }
        epoch += 1
    }

    /// - Returns: whether the item was not there yet.
    /// - Complexity: O(1). Allocates only while it grows.
    public mutating func insert(slot: Int, _ numbers: FormPattern.Numbers) -> Bool {
        if (used + 1) * 2 > slots.count { enlarge() }
        let slot = UInt32(truncatingIfNeeded: slot)
        let mask = slots.count - 1
        var at = hash(slot, numbers) & mask
        while slots[at].epoch == epoch {
            if slots[at].slot == slot && slots[at].numbers == numbers { return false }
            at = (at + 1) & mask
        }
        slots[at] = Slot(epoch: epoch, slot: slot, numbers: numbers)
        used += 1
        return true
    }

    private func hash(_ slot: UInt32, _ numbers: FormPattern.Numbers) -> Int {
        var hash = (UInt64(numbers.first) << 32 | UInt64(numbers.second)) ^ secret
        hash = (hash ^ hash >> 32) &* secret
        hash = (hash ^ UInt64(slot) ^ hash >> 29) &* secret
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0xffff_ffff)
    }

    private mutating func enlarge() {
        let old = slots
        slots = Array(repeating: Slot(epoch: 0, slot: 0, numbers: .init()), count: max(old.count * 2, 128))
        let mask = slots.count - 1
        for slot in old where slot.epoch == epoch {
            var at = hash(slot.slot, slot.numbers) & mask
            while slots[at].epoch == epoch { at = (at + 1) & mask }
            slots[at] = slot
        }
    }
}
