/// Eight bytes at a time over a borrowed buffer, for targets that may not hold unsafe code: the bounds check is made here,
/// once per word.
extension Span<UInt8> {
    /// The eight bytes from `offset` on, the first of them in the lowest bits.
    /// - Precondition: `offset` and the seven bytes after it are in bounds.
    @inlinable @inline(__always)
    public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count &- 8)
        return UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The first `length` bytes from `offset` on, the first of them in the lowest bits and zero above the last.
    /// - Precondition: `length` is 0 to 8 and so many bytes from `offset` on are in bounds.
    @inlinable @inline(__always)
    public func word(at offset: Int, length: Int) -> UInt64 {
        if offset >= 0 && offset <= count &- 8 {
            precondition(length >= 0 && length <= 8)
            return word(at: offset) & (UInt64.max >> UInt64(64 &- 8 &* length))
        }
        return wordAtTheEnd(offset, length)
    }

    /// ``word(at:length:)`` where eight bytes would pass the end.
    @usableFromInline
    func wordAtTheEnd(_ offset: Int, _ length: Int) -> UInt64 {
        precondition(length >= 0 && length <= 8 && offset >= 0 && offset <= count &- length)
        let raw = bytes
        // Two loads that overlap.
        if length >= 4 {
            let low = UInt32(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
            let high = UInt32(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ length &- 4, as: UInt32.self))
            return UInt64(low) | UInt64(high) &<< UInt64(8 &* (length &- 4))
        }
        if length >= 2 {
            let low = UInt16(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
            return UInt64(low) | UInt64(self[offset &+ length &- 1]) &<< UInt64(8 &* (length &- 1))
        }
        return length == 1 ? UInt64(self[offset]) : 0
    }

    /// The sixteen bytes from `offset` on, as two words in memory order.
    /// - Precondition: `offset` and the 15 bytes after it are in bounds.
    @inlinable @inline(__always)
    public func words2(at offset: Int) -> SIMD2<UInt64> {
        precondition(offset >= 0 && offset <= count &- 16)
        return bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD2<UInt64>.self)
    }

    /// The thirty-two bytes from `offset` on, as four words in memory order.
    /// - Precondition: `offset` and the 31 bytes after it are in bounds.
    @inlinable @inline(__always)
    public func words4(at offset: Int) -> SIMD4<UInt64> {
        precondition(offset >= 0 && offset <= count &- 32)
        return bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD4<UInt64>.self)
    }
}
