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
        while i < text.count {
            let byte = text[i]
            if byte == UInt8(ascii: "%") {
                guard text.count - i > 2, let high = text[i + 1].hexDigitValue, let low = text[i + 2].hexDigitValue else {
                    return i
                }
                if run < i { out.append(text.extracting(run..<i)) }
                out.append(high << 4 | low)
                i += 3
                run = i
            } else if plusIsBlank && byte == UInt8(ascii: "+") {
                if run < i { out.append(text.extracting(run..<i)) }
                out.append(UInt8(ascii: " "))
                i += 1
                run = i
            } else {
                i += 1
            }
        }
        if run < i { out.append(text.extracting(run..<i)) }
        return nil
    }
}
