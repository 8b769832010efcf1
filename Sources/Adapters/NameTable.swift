public import Bytes

/// Names one behind the other, made to be compared with the names in a body: nearly all comparisons are of two words. Groups of
/// them are found by hash. The names are the adapters', so nobody can aim collisions at a group.
public struct NameTable: Sendable {
    /// One of the names.
    public struct Name: Sendable {
        /// The first eight bytes; zero above the last.
        @usableFromInline let word: UInt64
        @usableFromInline let start: Int
        @usableFromInline let count: Int
    }

    /// A name in a body.
    public struct Key {
        @usableFromInline let word: UInt64
        @usableFromInline let start: Int
        @usableFromInline let count: Int

        /// - Parameter range: where the name stands in `body`.
        @inlinable @inline(__always)
        public init(_ range: Range<Int>, in body: Span<UInt8>) {
            start = range.lowerBound
            count = range.count
            word = body.word(at: range.lowerBound, length: Swift.min(range.count, 8))
        }
    }

    /// Names that are told apart from each other.
    public struct Group: Sendable {
        @usableFromInline let start: Int
        /// A power of two, less one.
        @usableFromInline let mask: Int
    }

    /// A place for a name of a group. Holds no reference, so that a search counts none.
    @usableFromInline
    struct Slot: Sendable {
        @usableFromInline var name = Name(word: 0, start: 0, count: -1)
        @usableFromInline var number = 0

        init() {}
    }

    /// All names. ``range(of:)`` says where each stands.
    public private(set) var text: [UInt8] = []
    /// The groups one behind the other; each by open addressing and at most half full.
    @usableFromInline private(set) var slots: [Slot] = []

    mutating func add(_ name: [UInt8]) -> Name {
        let start = text.count
        text += name
        return Name(word: name.span.word(at: 0, length: min(name.count, 8)), start: start, count: name.count)
    }

    /// Makes names that were added a group.
    mutating func makeGroup(_ names: [Name]) -> Group {
        var room = 2
        while room < names.count * 2 { room *= 2 }
        let group = Group(start: slots.count, mask: room - 1)
        slots += repeatElement(Slot(), count: room)
        for (number, name) in names.enumerated() {
            var at = Self.hash(name.word, name.count) & group.mask
            while slots[group.start + at].name.count >= 0 { at = (at + 1) & group.mask }
            slots[group.start + at].name = name
            slots[group.start + at].number = number
        }
        return group
    }

    /// Which name of `group` is `key`, counted from the first; `nil` when none is.
    /// - Complexity: one probe, most often.
    @inlinable @inline(__always)
    public func find(_ key: Key, of group: Group, in body: Span<UInt8>) -> Int? {
        let slots = slots.span
        var at = Self.hash(key.word, key.count) & group.mask
        while true {
            let slot = slots[group.start &+ at]
            if slot.name.count < 0 { return nil }
            if matches(slot.name, key, in: body) { return slot.number }
            at = (at &+ 1) & group.mask
        }
    }

    @inlinable @inline(__always)
    static func hash(_ word: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: (word &+ UInt64(truncatingIfNeeded: count)) &* 0x9e37_79b9_7f4a_7c15 &>> 40)
    }

    @inlinable
    public func range(of name: Name) -> Range<Int> { name.start..<(name.start &+ name.count) }

    @inlinable @inline(__always)
    public func matches(_ name: Name, _ key: Key, in body: Span<UInt8>) -> Bool {
        guard name.count == key.count, name.word == key.word else { return false }
        return name.count <= 8 || equalTails(name, key.start, body)
    }

    /// Whether the bytes behind the first eight are the same.
    @inline(never)
    @usableFromInline
    func equalTails(_ name: Name, _ start: Int, _ body: Span<UInt8>) -> Bool {
        let text = text.span
        var at = 8
        while at &+ 8 < name.count {
            if text.word(at: name.start &+ at) != body.word(at: start &+ at) { return false }
            at &+= 8
        }
        // The last word overlaps the one before.
        return text.word(at: name.start &+ name.count &- 8) == body.word(at: start &+ name.count &- 8)
    }
}
