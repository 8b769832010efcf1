import Glibc
import Recipients
import Synchronization

/// Recent changes: an open-addressing table that one writer fills while any number of threads read it, with a small filter
/// in front so that the usual miss costs one load from a table of a byte a slot.
///
/// A slot's key is written once, before the release-store of its value; the value is one word. So a reader sees a
/// change wholly or not at all, and never sees a slot disappear. Full tables are not grown but replaced by larger copies.
final class DeltaTable: @unchecked Sendable {
    /// What a reader needs, in plain words.
    struct Face {
        let filter: UnsafeMutablePointer<Atomic<UInt64>>
        let filterShift: UInt64
        let slots: UnsafeMutablePointer<Atomic<UInt64>>
        let mask: Int
        let shift: UInt64

        @inline(__always)
        static func filterBits(_ fingerprint: UInt64) -> UInt64 {
            1 &<< (fingerprint & 63) | 1 &<< ((fingerprint &>> 6) & 63) | 1 &<< ((fingerprint &>> 12) & 63)
        }

        @inline(__always)
        func mayContain(_ key: KeyPosition) -> Bool {
            let bits = Self.filterBits(key.fingerprint)
            let word = filter[Int(truncatingIfNeeded: key.position &>> filterShift)].load(ordering: .acquiring)
            return word & bits == bits
        }

        @inline(never)
        func find(_ key: KeyPosition) -> DeltaValue {
            var i = Int(truncatingIfNeeded: key.position &>> shift)
            while true {
                let slot = slots + i &* DeltaTable.wordsPerSlot
                let word = slot[2].load(ordering: .acquiring)
                if word == 0 { return .unset }
                if slot[0].load(ordering: .relaxed) == key.fingerprint, slot[1].load(ordering: .relaxed) == key.position {
                    return DeltaValue(word: word)
                }
                i = (i &+ 1) & mask
            }
        }

        @inline(__always)
        func value(_ key: KeyPosition) -> DeltaValue { mayContain(key) ? find(key) : .unset }
    }

    /// Fingerprint, position, value and one spare, so that a slot never straddles a cache line.
    static let wordsPerSlot = 4
    private static let slotsPerFilterWord = 8

    let face: Face
    let capacity: Int
    private(set) var count = 0
    private let memory: UnsafeMutableRawPointer

    /// - Parameter capacity: slots, a power of two from 16 up; half of them may be used.
    init(capacity: Int) {
        precondition(capacity >= 16 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        let filterWords = capacity / Self.slotsPerFilterWord
        let words = capacity * Self.wordsPerSlot + filterWords
        guard let zeroed = aligned_alloc(64, (words * 8 + 63) & ~63) else { fatalError("out of memory: \(words * 8) bytes") }
        memset(zeroed, 0, words * 8)
        memory = zeroed
        let slots = zeroed.bindMemory(to: Atomic<UInt64>.self, capacity: words)
        face = Face(
            filter: slots + capacity * Self.wordsPerSlot, filterShift: UInt64(64 - filterWords.trailingZeroBitCount),
            slots: slots, mask: capacity - 1, shift: UInt64(64 - capacity.trailingZeroBitCount))
    }

    deinit { free(memory) }

    var isFull: Bool { count >= capacity / 2 }
    var bytes: Int { capacity * Self.wordsPerSlot * 8 + capacity / Self.slotsPerFilterWord * 8 }

    /// Sets the value of a key. Writers take turns; the index sees to it.
    /// - Precondition: the table is not full, or the key is in it.
    func set(_ key: KeyPosition, _ value: DeltaValue) {
        var i = Int(truncatingIfNeeded: key.position &>> face.shift)
        while true {
            let slot = face.slots + i * Self.wordsPerSlot
            if slot[2].load(ordering: .relaxed) == 0 {
                precondition(!isFull, "the delta is full")
                slot[0].store(key.fingerprint, ordering: .relaxed)
                slot[1].store(key.position, ordering: .relaxed)
                slot[2].store(value.word, ordering: .releasing)
                // After the slot, so that whoever passes the filter finds it.
                let filter = face.filter + Int(truncatingIfNeeded: key.position &>> face.filterShift)
                let bits = filter.pointee.load(ordering: .relaxed) | Face.filterBits(key.fingerprint)
                filter.pointee.store(bits, ordering: .releasing)
                count += 1
                return
            }
            if slot[0].load(ordering: .relaxed) == key.fingerprint, slot[1].load(ordering: .relaxed) == key.position {
                slot[2].store(value.word, ordering: .releasing)
                return
            }
            i = (i + 1) & face.mask
        }
    }

    /// A copy with `capacity` slots.
    func copy(capacity: Int) -> DeltaTable {
        let copy = DeltaTable(capacity: capacity)
        forEach { key, value in copy.set(key, value) }
        return copy
    }

    func forEach(_ body: (KeyPosition, DeltaValue) -> Void) {
        for i in 0..<capacity {
            let slot = face.slots + i * Self.wordsPerSlot
            let word = slot[2].load(ordering: .acquiring)
            guard word != 0 else { continue }
            body(
                KeyPosition(
                    position: slot[1].load(ordering: .relaxed), fingerprint: slot[0].load(ordering: .relaxed)),
                DeltaValue(word: word))
        }
    }
}

extension DeltaTable {
    /// A table without changes, shared by all indexes that have none.
    static let empty = DeltaTable(capacity: 16)
}
