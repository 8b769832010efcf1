import Bytes

/// Byte classes of JSON text and the fast ways past them.
enum JSONBytes {
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    /// The first offset from `start` on that holds no blank, or `body.count`.
    @inline(__always)
    static func skipBlanks(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i < body.count && isBlank(body[i]) { i += 1 }
        return i
    }

    /// The first offset in the range that holds 0x7f, the one control character that ``skipPlain(_:_:)`` passes.
    @inline(__always)
    static func firstDelete(_ body: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var i = start
        while i < end {
            let word = body.word(at: i, length: min(end - i, 8)) ^ 0x7f7f_7f7f_7f7f_7f7f
            let hits = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if hits != 0 { return i + hits.trailingZeroBitCount >> 3 }
            i += 8
        }
        return nil
    }

    /// The first offset from `start` on that holds `"`, `\`, a control below 0x20 or a byte above 0x7f, or `body.count`.
    /// - Complexity: 32 bytes a step on long strings.
    @inline(__always)
    static func skipPlain(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i <= body.count &- 8 {
            let hits = special(body.word(at: i))
            if hits != 0 { return i &+ hits.trailingZeroBitCount >> 3 }
            i &+= 8
            if i &- start == 32 { i = skipPlainLong(body, i) }
        }
        while i < body.count {
            let byte = body[i]
            if byte == 0x22 || byte == 0x5c || byte < 0x20 || byte > 0x7f { return i }
            i += 1
        }
        return i
    }

    /// Passes blocks of 32 bytes without a special byte.
    @inline(never)
    private static func skipPlainLong(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i <= body.count &- 32 {
            let hits = special(body.words4(at: i))
            if (hits[0] | hits[1]) | (hits[2] | hits[3]) != 0 { break }
            i += 32
        }
        return i
    }

    /// Bit 7 of each special byte, exact up to the first one: a borrow can only disturb the bytes above a true hit.
    @inline(__always)
    private static func special(_ w: UInt64) -> UInt64 {
        let quote = (w ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
        let backslash = (w ^ 0x5c5c_5c5c_5c5c_5c5c) &- 0x0101_0101_0101_0101
        let control = w &- 0x2020_2020_2020_2020
        return (quote | backslash | control | w) & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private static func special(_ w: SIMD4<UInt64>) -> SIMD4<UInt64> {
        let ones = SIMD4<UInt64>(repeating: 0x0101_0101_0101_0101)
        let quote = (w ^ SIMD4(repeating: 0x2222_2222_2222_2222)) &- ones
        let backslash = (w ^ SIMD4(repeating: 0x5c5c_5c5c_5c5c_5c5c)) &- ones
        let control = w &- SIMD4(repeating: 0x2020_2020_2020_2020)
        return (quote | backslash | control | w) & SIMD4(repeating: 0x8080_8080_8080_8080)
    }
}
