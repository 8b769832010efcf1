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
        var i = 0
        while i + 8 <= a.count {
            if a.word(at: i) != b.word(at: i) { return false }
            i += 8
        }
        while i < a.count {
            if a[i] != b[i] { return false }
            i += 1
        }
        return true
    }

    /// Equality that takes `A` to `Z` for `a` to `z`.
    /// - Complexity: O(count).
    @inlinable
    public static func caselessEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var i = 0
        while i + 8 <= a.count {
            if lowercase(a.word(at: i)) != lowercase(b.word(at: i)) { return false }
            i += 8
        }
        while i < a.count {
            if a[i].asciiLowercased != b[i].asciiLowercased { return false }
            i += 1
        }
        return true
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
