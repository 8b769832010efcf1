/// A half-open range of bytes in a buffer that somebody else owns: 8 bytes, so tables of them stay small.
public struct ByteRange: Hashable, Sendable, BitwiseCopyable {
    public var lower: UInt32
    public var upper: UInt32

    @inlinable public init(lower: UInt32, upper: UInt32) {
        self.lower = lower
        self.upper = upper
    }

    @inlinable public init(_ range: Range<Int>) {
        lower = UInt32(range.lowerBound)
        upper = UInt32(range.upperBound)
    }

    @inlinable public var range: Range<Int> { Int(lower)..<Int(upper) }
    @inlinable public var count: Int { Int(upper - lower) }
    @inlinable public var isEmpty: Bool { lower == upper }
}
