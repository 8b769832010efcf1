import Bytes

/// Reads one field of a form in one pass: finds its ends and checks its escapes and its decoded text on the way.
struct FormReader {
    /// The next byte to read.
    private var i: Int
    private var isEncoded = false
    private var isNonASCII = false
    /// Bytes that decoding will take away.
    private var shrink = 0
    private var isName = true
    /// The word that was looked at last, and bit 7 of each special byte in it.
    private var base = -8
    private var hits: UInt64 = 0

    /// Reads the field that begins at `start`, where no `&` stands.
    /// - Returns: the field and where it ends: at an `&` or behind the last byte.
    static func field(
        _ body: Span<UInt8>, at start: Int, _ limits: FormLimits
    ) throws(BodyFault) -> (field: FormField, end: Int) {
        var reader = FormReader(i: start)
        let name = try reader.text(body)
        guard name.count - reader.shrink <= limits.nameBytes else { throw BodyFault(.nameTooLong, at: start) }
        var field = FormField(
            name: ByteRange(name), value: ByteRange(name.upperBound..<name.upperBound), isNameEncoded: reader.isEncoded,
            isValueEncoded: false, isNameNonASCII: reader.isNonASCII)
        guard reader.i < body.count, body[reader.i] == UInt8(ascii: "=") else { return (field, reader.i) }
        reader.beginValue()
        let value = try reader.text(body)
        guard value.count - reader.shrink <= limits.valueBytes else { throw BodyFault(.valueTooLong, at: value.lowerBound) }
        field.value = ByteRange(value)
        field.isValueEncoded = reader.isEncoded
        return (field, reader.i)
    }

    /// Passes the `=`.
    private mutating func beginValue() {
        i += 1
        isEncoded = false
        isNonASCII = false
        shrink = 0
        isName = false
    }

    /// Reads a name up to its `=`, or a value, up to an `&` or the end.
    private mutating func text(_ body: Span<UInt8>) throws(BodyFault) -> Range<Int> {
        let start = i
        var semicolon: Int?
        while true {
            i = nextSpecial(body, i)
            guard i < body.count else { return start..<i }
            let at = i
            switch body[at] {
            case UInt8(ascii: "&"): return start..<at
            case UInt8(ascii: "="):
                if isName { return start..<at }
                // Parsers that split on `;` as well would see a field of its own behind it.
                if let semicolon { throw BodyFault(.semicolon, at: semicolon) }
                i += 1
            case UInt8(ascii: ";"):
                if isName { throw BodyFault(.semicolon, at: at) }
                semicolon = semicolon ?? at
                i += 1
            case UInt8(ascii: "+"):
                isEncoded = true
                i += 1
            default:
                try check(next(body), at, body)
            }
        }
    }

    /// Checks a decoded byte that may not be plain, and reads the rest of its UTF-8 sequence.
    @inline(__always)
    private mutating func check(_ byte: UInt8, _ at: Int, _ body: Span<UInt8>) throws(BodyFault) {
        if byte > 0x7f {
            try sequence(byte, at, body)
        } else if byte == 0 {
            throw BodyFault(.nul, at: at)
        } else if isName && UTF8Sequence.isControl(UInt32(byte)) {
            throw BodyFault(.controlInName, at: at)
        }
    }

    /// One byte, raw or escaped.
    @inline(__always)
    private mutating func next(_ body: Span<UInt8>) throws(BodyFault) -> UInt8 {
        let byte = body[i]
        guard byte == UInt8(ascii: "%") else {
            i += 1
            return byte
        }
        guard body.count - i > 2, let high = body[i + 1].hexDigitValue, let low = body[i + 2].hexDigitValue else {
            throw BodyFault(.badPercentEscape, at: i)
        }
        isEncoded = true
        shrink += 2
        i += 3
        return high << 4 | low
    }

    /// Reads the bytes of a UTF-8 sequence behind its first, each raw or escaped.
    private mutating func sequence(_ lead: UInt8, _ at: Int, _ body: Span<UInt8>) throws(BodyFault) {
        var bytes = InlineArray<4, UInt8>(repeating: 0)
        bytes[0] = lead
        let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        for k in 1..<length {
            guard i < body.count else { throw BodyFault(.invalidUTF8, at: at) }
            bytes[k] = try next(body)
        }
        let (scalar, read) = UTF8Sequence.decode(bytes.span, at: 0)
        guard read == length else { throw BodyFault(.invalidUTF8, at: at) }
        if isName && UTF8Sequence.isControl(scalar) { throw BodyFault(.controlInName, at: at) }
        isNonASCII = true
    }

    /// The first offset from `start` on that holds one of `% & + ; =`, a control character or a byte above 0x7f, or
    /// `body.count`. Words of forms are short: a word of eight bytes is looked at once for all that is special in it.
    @inline(__always)
    private mutating func nextSpecial(_ body: Span<UInt8>, _ start: Int) -> Int {
        let skipped = start &- base
        if skipped < 8 {
            let hits = hits &>> UInt64(8 &* skipped)
            if hits != 0 { return min(start &+ hits.trailingZeroBitCount &>> 3, body.count) }
            return loadSpecial(body, base &+ 8)
        }
        return loadSpecial(body, start)
    }

    private mutating func loadSpecial(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i < body.count {
            let rest = body.count &- i
            // Zeros above the last byte are special, and behind the end.
            let word = rest >= 8 || body.count < 8 ? body.word(at: i, length: min(rest, 8)) : body.word(at: body.count &- 8) &>> UInt64(64 &- 8 &* rest)
            base = i
            hits = Self.special(word)
            if hits != 0 { return min(i &+ hits.trailingZeroBitCount &>> 3, body.count) }
            i &+= 8
        }
        return body.count
    }

    /// Bit 7 of each special byte.
    @inline(__always)
    private static func special(_ w: UInt64) -> UInt64 {
        let low = w & 0x7f7f_7f7f_7f7f_7f7f
        let percent = (low ^ 0x2525_2525_2525_2525) &+ 0x7f7f_7f7f_7f7f_7f7f
        let ampersand = (low ^ 0x2626_2626_2626_2626) &+ 0x7f7f_7f7f_7f7f_7f7f
        let equals = (low ^ 0x3d3d_3d3d_3d3d_3d3d) &+ 0x7f7f_7f7f_7f7f_7f7f
        // `+` and `;` differ in one bit.
        let plusOrSemicolon = ((low | 0x1010_1010_1010_1010) ^ 0x3b3b_3b3b_3b3b_3b3b) &+ 0x7f7f_7f7f_7f7f_7f7f
        let notControl = low &+ 0x6060_6060_6060_6060
        let delete = low &+ 0x0101_0101_0101_0101
        return (~(percent & ampersand & equals & plusOrSemicolon & notControl) | delete | w) & 0x8080_8080_8080_8080
    }

    private init(i: Int) { self.i = i }
}
