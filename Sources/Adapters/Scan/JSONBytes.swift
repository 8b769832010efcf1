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
        while i < body.count && isBlank(body[i]) { i &+= 1 }
        return i
    }

    /// The key whose text begins at `start`, if it is shorter than 16 bytes and plain: ASCII without escapes and controls, no blank at
    /// its ends. What it leaves may still be a good key.
    /// - Returns: its ``FoldedKeySet/fingerprint(_:)`` and the count of its bytes.
    @inline(__always)
    static func shortKey(_ body: Span<UInt8>, _ start: Int) -> (fingerprint: UInt64, count: Int)? {
        guard start <= body.count &- 16 else { return nil }
        let word = body.word(at: start)
        let hits = specialInKey(word)
        let count: Int, fingerprint: UInt64
        if hits != 0 {
            let bits = hits.trailingZeroBitCount &- 7
            count = bits &>> 3
            fingerprint = FoldedKeySet.fingerprint(word & (1 &<< UInt64(truncatingIfNeeded: bits) &- 1))
        } else {
            let hits = specialInKey(body.word(at: start &+ 8))
            if hits == 0 { return nil }
            count = 8 &+ hits.trailingZeroBitCount &>> 3
            fingerprint = FoldedKeySet.fingerprint(word, body.word(at: start &+ count &- 8), count)
        }
        guard body[start &+ count] == 0x22, word & 0xff != 0x20, body[start &+ count &- 1] != 0x20 else { return nil }
        return (fingerprint, count)
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
    /// - Complexity: 16 bytes a step, 32 on long strings.
    @inline(__always)
    static func skipPlain(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i <= body.count &- 16 {
            let hits = special(body.words2(at: i))
            if hits[0] != 0 { return i &+ hits[0].trailingZeroBitCount &>> 3 }
            if hits[1] != 0 { return i &+ 8 &+ hits[1].trailingZeroBitCount &>> 3 }
            i &+= 16
            if i &- start == 64 { i = skipPlainLong(body, i) }
        }
        return skipPlainAtTheEnd(body, i)
    }

    @inline(never)
    private static func skipPlainAtTheEnd(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
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

    /// The same, and 0x7f.
    @inline(__always)
    private static func specialInKey(_ w: UInt64) -> UInt64 {
        special(w) | ((w ^ 0x7f7f_7f7f_7f7f_7f7f) &- 0x0101_0101_0101_0101) & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private static func special(_ w: SIMD2<UInt64>) -> SIMD2<UInt64> {
        let ones = SIMD2<UInt64>(repeating: 0x0101_0101_0101_0101)
        let quote = (w ^ SIMD2(repeating: 0x2222_2222_2222_2222)) &- ones
        let backslash = (w ^ SIMD2(repeating: 0x5c5c_5c5c_5c5c_5c5c)) &- ones
        let control = w &- SIMD2(repeating: 0x2020_2020_2020_2020)
        return (quote | backslash | control | w) & SIMD2(repeating: 0x8080_8080_8080_8080)
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
