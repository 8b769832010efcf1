public import Glibc

/// Owns one growable block of bytes. Moved, never copied; freed once. Keeps its memory when emptied, so that a pooled
/// owner allocates only while it grows.
@safe public struct GrowableBytes: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var room: Int
    @usableFromInline var used = 0

    @inlinable public var capacity: Int { room }
    @inlinable public var count: Int { used }

    public init(capacity: Int = 256) {
        room = max(capacity, 16)
        base = Self.obtain(nil, room)
    }

    deinit { free(base) }

    /// The bytes, for reading. Valid until the next mutation.
    @inlinable public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }
    @inlinable public var isEmpty: Bool { count == 0 }

    @inlinable public subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < count)
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    @inlinable @inline(__always)
    public mutating func reserve(_ more: Int) {
        if more > capacity - count { grow(more) }
    }

    @inline(never)
    @usableFromInline
    mutating func grow(_ more: Int) {
        let need = count + more
        var next = capacity
        while next < need { next *= 2 }
        base = Self.obtain(base, next)
        room = next
    }

    /// Out of memory ends the process: nothing here could go on without the bytes.
    private static func obtain(_ old: UnsafeMutablePointer<UInt8>?, _ size: Int) -> UnsafeMutablePointer<UInt8> {
        guard let block = realloc(old, size) else { fatalError("out of memory: \(size) bytes") }
        return block.assumingMemoryBound(to: UInt8.self)
    }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        used += 1
    }

    @inlinable
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(base + count, source, bytes.count)
        used += bytes.count
    }

    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    public mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// Appends `value` in decimal, without allocating.
    @inlinable
    public mutating func append(decimal value: some FixedWidthInteger) {
        appendDecimal(UInt64(value.magnitude), isNegative: value < 0)
    }

    /// The part that does not depend on the type, so that callers in other modules do not run it unspecialised.
    @usableFromInline
    mutating func appendDecimal(_ magnitude: UInt64, isNegative: Bool) {
        if isNegative { append(UInt8(ascii: "-")) }
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, magnitude >= bound {
            digits &+= 1
            if digits < 20 { bound &*= 10 }
        }
        reserve(digits)
        var rest = magnitude
        var place = base + used + digits
        for _ in 0..<digits {
            place -= 1
            place.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        used += digits
    }

    /// Grants `body` up to `wanted` writable bytes behind the current end; it returns how many it filled.
    @inlinable
    public mutating func fill<E: Error>(
        room wanted: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(E) -> Int
    ) throws(E) {
        reserve(wanted)
        let filled = try body(UnsafeMutableBufferPointer(start: base + count, count: wanted))
        precondition(filled >= 0 && filled <= wanted)
        used += filled
    }

    /// Drops the first `n` bytes and moves the rest to the front.
    public mutating func removeFirst(_ n: Int) {
        precondition(n >= 0 && n <= count)
        if n < count { memmove(base, base + n, count - n) }
        used -= n
    }

    @inlinable
    public mutating func truncate(to n: Int) {
        precondition(n >= 0 && n <= count)
        used = n
    }

    /// Empties the block. A block that has grown past `keep` is given back, so that one large message does not hold its
    /// memory for ever.
    @inlinable
    public mutating func reset(keeping keep: Int = .max) {
        used = 0
        if capacity > keep { shrink(to: keep) }
    }

    @usableFromInline @inline(never)
    mutating func shrink(to keep: Int) {
        room = max(keep, 16)
        base = Self.obtain(base, room)
    }
}
