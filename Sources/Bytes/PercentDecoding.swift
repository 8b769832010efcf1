/// Percent escapes (RFC 3986 section 2.1) and the blank that forms write as `+` (WHATWG URL, urlencoded parsing).
public enum PercentDecoding {
    /// Appends `text` with `%XX` read as a byte and, when `plusIsBlank`, `+` as a blank.
    /// - Returns: `nil` when all of it was read, else the offset of the `%` that no two hexadecimal digits follow. What came
    ///   before stays appended.
    /// - Complexity: O(count). The result is never longer than `text`.
    public static func decode(_ text: Span<UInt8>, plusIsBlank: Bool, into out: inout GrowableBytes) -> Int? {
        out.reserve(text.count)
        var run = 0
        var i = 0
        while true {
            i = next(text, i, plusIsBlank ? UInt8(ascii: "+") : UInt8(ascii: "%"))
            if i >= text.count { break }
            let byte = text[i]
            if byte == UInt8(ascii: "%") {
                guard text.count - i > 2, let high = text[i + 1].hexDigitValue, let low = text[i + 2].hexDigitValue else {
                    return i
                }
                if run < i { out.append(text.extracting(run..<i)) }
                out.append(high << 4 | low)
                i += 3
                run = i
            } else {
                if run < i { out.append(text.extracting(run..<i)) }
                out.append(UInt8(ascii: " "))
                i += 1
                run = i
            }
        }
        if run < i { out.append(text.extracting(run..<i)) }
        return nil
    }

    /// The first place from `start` on with a `%` or the byte `other`, or the end. Eight bytes at a time.
    private static func next(_ text: Span<UInt8>, _ start: Int, _ other: UInt8) -> Int {
        let pattern = 0x0101_0101_0101_0101 &* UInt64(other)
        var i = start
        while i < text.count {
            let isWhole = i <= text.count &- 8
            let word = isWhole ? text.word(at: i) : text.word(at: i, length: text.count &- i)
            let percent = word ^ 0x2525_2525_2525_2525, another = word ^ pattern
            // Exact up to the first hit; the zeros above the end are none.
            let hits = ((percent &- 0x0101_0101_0101_0101) & ~percent | (another &- 0x0101_0101_0101_0101) & ~another) & 0x8080_8080_8080_8080
            if hits != 0 { return i &+ hits.trailingZeroBitCount &>> 3 }
            i &+= 8
        }
        return text.count
    }
}
