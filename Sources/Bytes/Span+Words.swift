/// Eight bytes at a time over a borrowed buffer, for targets that may not hold unsafe code: the bounds check is made here,
/// once per word.
extension Span<UInt8> {
    /// The eight bytes from `offset` on, the first of them in the lowest bits.
    /// - Precondition: `offset` and the seven bytes after it are in bounds.
    @inlinable @inline(__always)
    public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && count >= 8 && offset <= count - 8)
        return UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The thirty-two bytes from `offset` on, as four words in memory order.
    /// - Precondition: `offset` and the 31 bytes after it are in bounds.
    @inlinable @inline(__always)
    public func words4(at offset: Int) -> SIMD4<UInt64> {
        precondition(offset >= 0 && count >= 32 && offset <= count - 32)
        return bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD4<UInt64>.self)
    }
}
