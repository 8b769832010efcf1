import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Lends a copy of the first `length` bytes in a block of just that size, so that AddressSanitizer sees a byte read too many.
    func withExactPrefix<R, E: Error>(_ length: Int, _ body: (Self) throws(E) -> R) throws(E) -> R {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: length)
        defer { copy.deallocate() }
        if length > 0, let from = baseAddress, let to = copy.baseAddress { memcpy(to, from, length) }
        return try body(Self(copy))
    }

    /// The bytes behind the first `count`.
    func rest(after count: Int) -> Self { Self(rebasing: self[count...]) }

    /// The bytes up to the first newline, and those behind it; everything and nothing when there is none.
    var firstLine: (line: Self, rest: Self) {
        guard let end = firstIndex(of: 0x0a) else { return (self, rest(after: count)) }
        return (Self(rebasing: self[..<end]), rest(after: end + 1))
    }
}
