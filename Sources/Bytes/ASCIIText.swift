/// Comparison of ASCII text in bytes, a word at a time. Bytes above 0x7f equal only themselves.
public enum ASCIIText {
    /// `A` to `Z` in lower case, every other byte as it is, on the eight bytes of a word.
    @inlinable @inline(__always)
    public static func lowercase(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        let aboveZ = low &+ 0x2525_2525_2525_2525      // bit 7 set where low > 'Z'
        let fromA = low &+ 0x3f3f_3f3f_3f3f_3f3f       // bit 7 set where low >= 'A'
        let upper = (fromA ^ aboveZ) & ~word & 0x8080_8080_8080_8080
        return word | upper >> 2
    }

    /// - Complexity: O(count).
    @inlinable
    public static func equal(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        let last = a.count &- 8
        if last < 0 { return a.word(at: 0, length: a.count) == b.word(at: 0, length: b.count) }
        var i = 0
        while i < last {
            if a.word(at: i) != b.word(at: i) { return false }
            i &+= 8
        }
        // The last word overlaps the one before.
        return a.word(at: last) == b.word(at: last)
    }

    /// Equality that takes `A` to `Z` for `a` to `z`.
    /// - Complexity: O(count).
    @inlinable
    public static func caselessEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        let last = a.count &- 8
        if last < 0 { return caselessEqual(a.word(at: 0, length: a.count), b.word(at: 0, length: b.count)) }
        var i = 0
        while i < last {
            if !caselessEqual(a.word(at: i), b.word(at: i)) { return false }
            i &+= 8
        }
        return caselessEqual(a.word(at: last), b.word(at: last))
    }

    /// Most words that are equal are so byte by byte.
    @inlinable @inline(__always)
    static func caselessEqual(_ a: UInt64, _ b: UInt64) -> Bool { a == b || lowercase(a) == lowercase(b) }

    /// The first place from `start` on where `bytes` holds `byte`, or its end.
    /// - Complexity: eight bytes a step.
    @inlinable
    public static func firstIndex(of byte: UInt8, in bytes: Span<UInt8>, from start: Int = 0) -> Int {
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        var i = start
        while i <= bytes.count &- 8 {
            let word = bytes.word(at: i) ^ pattern
            // Exact up to the first hit.
            let hits = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if hits != 0 { return i &+ hits.trailingZeroBitCount &>> 3 }
            i &+= 8
        }
        while i < bytes.count, bytes[i] != byte { i &+= 1 }
        return i
    }

    /// `range` without the blanks (0x20) at its two ends.
    @inlinable
    public static func trimmingBlanks(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper && bytes[lower] == 0x20 { lower += 1 }
        while lower < upper && bytes[upper - 1] == 0x20 { upper -= 1 }
        return lower..<upper
    }
}
