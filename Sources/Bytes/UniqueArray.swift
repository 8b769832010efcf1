/// A growable array that only its owner can reach. Moved, never copied: a write asks nobody whether the storage is shared, which is
/// half the price of appending a small record to an `Array`. Keeps its memory when emptied. Every index is checked.
@safe public struct UniqueArray<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<Element>
    @usableFromInline var room: Int
    @usableFromInline var used = 0

    /// - Parameter capacity: how many elements there is room for at first.
    public init(capacity: Int) {
        room = max(capacity, 16)
        base = .allocate(capacity: room)
    }

    deinit { base.deallocate() }

    @inlinable @inline(__always) public var count: Int { used }
    @inlinable @inline(__always) public var isEmpty: Bool { used == 0 }
    @inlinable @inline(__always) public var indices: Range<Int> { Range(uncheckedBounds: (0, used)) }

    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always)
        get {
            precondition(index >= 0 && index < used)
            return base[index]
        }
        @inline(__always)
        _modify {
            precondition(index >= 0 && index < used)
            yield &base[index]
        }
    }

    @inlinable @inline(__always)
    public mutating func append(_ element: Element) {
        if used == room { grow() }
        (base + used).initialize(to: element)
        used &+= 1
    }

    @inline(never)
    @usableFromInline
    mutating func grow() {
        let next = UnsafeMutablePointer<Element>.allocate(capacity: room * 2)
        next.moveInitialize(from: base, count: used)
        base.deallocate()
        base = next
        room *= 2
    }

    /// Drops the elements from `count` on.
    @inlinable @inline(__always)
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used)
        used = count
    }

    @inlinable @inline(__always)
    public mutating func removeAll() { used = 0 }
}
