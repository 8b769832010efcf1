import Bytes

/// Reads a form in one pass: finds the ends of its fields and checks their escapes and their decoded text on the way. Words of
/// eight bytes are looked at once for all that is special in them; between two special bytes nothing is done.
struct FormReader {
    private let limits: FormLimits
    /// Where the current field, and its value, begin.
    private var start = 0
    private var valueStart = 0
    private var isName = true
    private var isNameEncoded = false
    private var isNameNonASCII = false
    /// Of the part that is being read.
    private var isEncoded = false
    private var isNonASCII = false
    /// Bytes that decoding will take away.
    private var shrink = 0
    private var semicolon: Int?
    /// Behind the bytes that a sequence has taken.
    private var next = 0

    init(_ limits: FormLimits) { self.limits = limits }

    /// Reads all of `body` and hands over each field that is not empty.
    @inline(__always)
    mutating func read(_ body: Span<UInt8>, _ take: (FormField) throws(BodyFault) -> Void) throws(BodyFault) {
        var base = 0
        // Sixteen bytes a step: most have nothing special in them.
        while base <= body.count &- 16 {
            let words = body.words2(at: base)
            let hits = Self.special(words), pluses = Self.pluses(words)
            if hits[0] | hits[1] == 0 {
                if pluses[0] | pluses[1] != 0 { isEncoded = true }
            } else {
                try readWord(body, base, hits[0], pluses[0], take)
                try readWord(body, base &+ 8, hits[1], pluses[1], take)
            }
            base &+= 16
        }
        while base < body.count {
            let word = base <= body.count &- 8 ? body.word(at: base) : Self.lastWord(body, base)
            try readWord(body, base, Self.special(SIMD2(word, 0))[0], Self.pluses(SIMD2(word, 0))[0], take)
            base &+= 8
        }
        if let field = try endField(body.count) { try take(field) }
    }

    /// Reads the word at `base`.
    /// - Parameters:
    ///   - hits: bit 7 of each special byte.
    ///   - pluses: bit 7 of each plus sign, which only says that the text it stands in is encoded.
    @inline(__always)
    private mutating func readWord(
        _ body: Span<UInt8>, _ base: Int, _ hits: UInt64, _ pluses: UInt64, _ take: (FormField) throws(BodyFault) -> Void
    ) throws(BodyFault) {
        var hits = hits, pluses = pluses
        while hits != 0 {
            let at = base &+ hits.trailingZeroBitCount &>> 3
            // Those before each special byte belong to its text.
            let before = hits ^ (hits &- 1)
            hits &= hits &- 1
            if pluses & before != 0 {
                isEncoded = true
                pluses &= ~before
            }
            if at >= body.count { break }
            if at < next { continue }
            let byte = body[at]
            switch byte {
            case UInt8(ascii: "&"):
                if let field = try endField(at) { try take(field) }
            case UInt8(ascii: "="): try endName(at)
            case UInt8(ascii: "%"): try check(escape(body, at), at, body, width: 3)
            case UInt8(ascii: ";"):
                if isName { throw BodyFault(.semicolon, at: at) }
                semicolon = semicolon ?? at
            default: try check(byte, at, body, width: 1)
            }
        }
        if pluses != 0 { isEncoded = true }
    }

    /// Ends the field in front of `end` and begins the next behind it. An empty piece is no field.
    private mutating func endField(_ end: Int) throws(BodyFault) -> FormField? {
        defer {
            start = end &+ 1
            isName = true
            beginText()
        }
        if isName {
            if end == start { return nil }
            try endNameText(end)
            valueStart = end
            isEncoded = false
        } else {
            guard end &- valueStart &- shrink <= limits.valueBytes else { throw BodyFault(.valueTooLong, at: valueStart) }
        }
        return FormField(
            name: ByteRange(start..<(isName ? end : valueStart &- 1)), value: ByteRange(valueStart..<end), isNameEncoded: isNameEncoded,
            isValueEncoded: isEncoded, isNameNonASCII: isNameNonASCII)
    }

    private mutating func endName(_ at: Int) throws(BodyFault) {
        guard isName else {
            // Parsers that split on `;` as well would see a field of its own behind it.
            if let semicolon { throw BodyFault(.semicolon, at: semicolon) }
            return
        }
        try endNameText(at)
        isName = false
        valueStart = at &+ 1
        beginText()
    }

    private mutating func endNameText(_ end: Int) throws(BodyFault) {
        guard end &- start &- shrink <= limits.nameBytes else { throw BodyFault(.nameTooLong, at: start) }
        isNameEncoded = isEncoded
        isNameNonASCII = isNonASCII
    }

    private mutating func beginText() {
        isEncoded = false
        isNonASCII = false
        shrink = 0
        semicolon = nil
    }

    /// The byte that is escaped at `at`.
    @inline(__always)
    private mutating func escape(_ body: Span<UInt8>, _ at: Int) throws(BodyFault) -> UInt8 {
        guard body.count &- at > 2, let high = body[at &+ 1].hexDigitValue, let low = body[at &+ 2].hexDigitValue else {
            throw BodyFault(.badPercentEscape, at: at)
        }
        isEncoded = true
        shrink &+= 2
        return high << 4 | low
    }

    /// Checks a decoded byte that may not be plain, and reads the rest of its UTF-8 sequence.
    @inline(__always)
    private mutating func check(_ byte: UInt8, _ at: Int, _ body: Span<UInt8>, width: Int) throws(BodyFault) {
        if byte > 0x7f {
            try sequence(byte, at, body, from: at &+ width)
        } else if byte == 0 {
            throw BodyFault(.nul, at: at)
        } else if isName && UTF8Sequence.isControl(UInt32(byte)) {
            throw BodyFault(.controlInName, at: at)
        }
    }

    /// Reads the bytes of a UTF-8 sequence behind its first, each raw or escaped.
    private mutating func sequence(_ lead: UInt8, _ at: Int, _ body: Span<UInt8>, from second: Int) throws(BodyFault) {
        var bytes = InlineArray<4, UInt8>(repeating: 0)
        bytes[0] = lead
        next = second
        let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        for k in 1..<length {
            guard next < body.count else { throw BodyFault(.invalidUTF8, at: at) }
            if body[next] == UInt8(ascii: "%") {
                bytes[k] = try escape(body, next)
                next &+= 3
            } else {
                bytes[k] = body[next]
                next &+= 1
            }
        }
        let (scalar, read) = UTF8Sequence.decode(bytes.span, at: 0)
        guard read == length else { throw BodyFault(.invalidUTF8, at: at) }
        if isName && UTF8Sequence.isControl(scalar) { throw BodyFault(.controlInName, at: at) }
        isNonASCII = true
    }

    /// The one to seven bytes from `base` on; zeros above them, which are special and stand behind the end.
    private static func lastWord(_ body: Span<UInt8>, _ base: Int) -> UInt64 {
        let rest = body.count &- base
        return body.count < 8 ? body.word(at: base, length: rest) : body.word(at: body.count &- 8) &>> UInt64(64 &- 8 &* rest)
    }

    /// Bit 7 of each byte that is one of `% & ; < =`, a control character or above 0x7f. `<` is nothing special, but between two that
    /// are.
    @inline(__always)
    private static func special(_ w: SIMD2<UInt64>) -> SIMD2<UInt64> {
        let low = w & SIMD2(repeating: 0x7f7f_7f7f_7f7f_7f7f)
        // From `%` on and not behind `&`; from `;` on and not behind `=`.
        let escapes = (low &+ SIMD2(repeating: 0x5b5b_5b5b_5b5b_5b5b)) ^ (low &+ SIMD2(repeating: 0x5959_5959_5959_5959))
        let signs = (low &+ SIMD2(repeating: 0x4545_4545_4545_4545)) ^ (low &+ SIMD2(repeating: 0x4242_4242_4242_4242))
        let controls = SIMD2(repeating: 0x9f9f_9f9f_9f9f_9f9f) &- low | (low &+ SIMD2(repeating: 0x0101_0101_0101_0101))
        return (escapes | signs | controls | w) & SIMD2(repeating: 0x8080_8080_8080_8080)
    }

    /// Bit 7 of each byte that is `+`.
    @inline(__always)
    private static func pluses(_ w: SIMD2<UInt64>) -> SIMD2<UInt64> {
        let others = ((w & SIMD2(repeating: 0x7f7f_7f7f_7f7f_7f7f)) ^ SIMD2(repeating: 0x2b2b_2b2b_2b2b_2b2b)) &+ SIMD2(repeating: 0x7f7f_7f7f_7f7f_7f7f) | w
        return SIMD2(repeating: 0x8080_8080_8080_8080) & ~others
    }
}
