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
        reader = FormReader(i: reader.i + 1, isName: false)
        let value = try reader.text(body)
        guard value.count - reader.shrink <= limits.valueBytes else { throw BodyFault(.valueTooLong, at: value.lowerBound) }
        field.value = ByteRange(value)
        field.isValueEncoded = reader.isEncoded
        return (field, reader.i)
    }

    /// Reads a name up to its `=`, or a value, up to an `&` or the end.
    private mutating func text(_ body: Span<UInt8>) throws(BodyFault) -> Range<Int> {
        let start = i
        var semicolon: Int?
        while true {
            i = Self.skipPlain(body, i)
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
    /// `body.count`.
    @inline(__always)
    private static func skipPlain(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        while i < body.count {
            let length = min(body.count - i, 8)
            let hits = special(body.word(at: i, length: length))
            if hits != 0 { return min(i + hits.trailingZeroBitCount >> 3, body.count) }
            i += length
        }
        return i
    }

    /// Bit 7 of each special byte, exact up to the first one: a borrow or carry can only disturb the bytes above a true hit.
    @inline(__always)
    private static func special(_ w: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let percent = (w ^ 0x2525_2525_2525_2525) &- ones
        let ampersand = (w ^ 0x2626_2626_2626_2626) &- ones
        let equals = (w ^ 0x3d3d_3d3d_3d3d_3d3d) &- ones
        // `+` and `;` differ in one bit.
        let plusOrSemicolon = ((w | 0x1010_1010_1010_1010) ^ 0x3b3b_3b3b_3b3b_3b3b) &- ones
        let control = w &- 0x2020_2020_2020_2020
        let delete = w &+ ones
        return (percent | ampersand | equals | plusOrSemicolon | control | delete | w) & 0x8080_8080_8080_8080
    }

    private init(i: Int, isName: Bool = true) {
        self.i = i
        self.isName = isName
    }
}
