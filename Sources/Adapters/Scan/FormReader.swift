import Bytes

/// Checks and decodes the pieces of a form.
enum FormReader {
    /// Reads the piece at `range`, which is not empty and holds no `&`.
    static func field(_ body: Span<UInt8>, _ range: Range<Int>, _ limits: FormLimits) throws(BodyFault) -> FormField {
        var equals = range.lowerBound
        while equals < range.upperBound && body[equals] != UInt8(ascii: "=") {
            if body[equals] == UInt8(ascii: ";") { throw BodyFault(.semicolon, at: equals) }
            equals += 1
        }
        let name = range.lowerBound..<equals
        let value = min(equals + 1, range.upperBound)..<range.upperBound
        let nameTraits = try check(body, name, isName: true)
        guard nameTraits.count <= limits.nameBytes else { throw BodyFault(.nameTooLong, at: name.lowerBound) }
        let valueTraits = try check(body, value, isName: false)
        guard valueTraits.count <= limits.valueBytes else { throw BodyFault(.valueTooLong, at: value.lowerBound) }
        return FormField(
            name: ByteRange(name), value: ByteRange(value), isNameEncoded: nameTraits.isEncoded,
            isValueEncoded: valueTraits.isEncoded, isNameNonASCII: nameTraits.isNonASCII)
    }

    /// What a check has learnt of a name or value.
    struct Traits {
        /// Decoded bytes.
        var count = 0
        var isEncoded = false
        var isNonASCII = false
    }

    /// Checks the escapes and the decoded text of a name or a value.
    private static func check(_ body: Span<UInt8>, _ range: Range<Int>, isName: Bool) throws(BodyFault) -> Traits {
        var traits = Traits()
        var i = range.lowerBound
        var semicolon: Int?
        while i < range.upperBound {
            if !isName && i + 8 <= range.upperBound && plain(body.word(at: i)) {
                i += 8
                traits.count += 8
                continue
            }
            let first = i
            let byte = try next(body, &i, range.upperBound, &traits.isEncoded)
            traits.count += 1
            if byte > 0x7f {
                traits.isNonASCII = true
                let scalar = try restOfSequence(byte, at: first, body, &i, range.upperBound, &traits)
                if isName && UTF8Sequence.isControl(scalar) { throw BodyFault(.controlInName, at: first) }
            } else if byte == 0 {
                throw BodyFault(.nul, at: first)
            } else if isName && UTF8Sequence.isControl(UInt32(byte)) {
                throw BodyFault(.controlInName, at: first)
            } else if !isName && i == first + 1 {
                // Parsers that split on `;` as well would see a field of its own behind it.
                if byte == UInt8(ascii: ";") { semicolon = semicolon ?? first }
                if byte == UInt8(ascii: "="), let semicolon { throw BodyFault(.semicolon, at: semicolon) }
            }
        }
        return traits
    }

    /// One decoded byte, and `i` behind it.
    @inline(__always)
    private static func next(
        _ body: Span<UInt8>, _ i: inout Int, _ end: Int, _ isEncoded: inout Bool
    ) throws(BodyFault) -> UInt8 {
        let byte = body[i]
        if byte == UInt8(ascii: "%") {
            guard end - i > 2, let high = Hex.digit(body[i + 1]), let low = Hex.digit(body[i + 2]) else {
                throw BodyFault(.badPercentEscape, at: i)
            }
            isEncoded = true
            i += 3
            return high << 4 | low
        }
        i += 1
        if byte == UInt8(ascii: "+") {
            isEncoded = true
            return UInt8(ascii: " ")
        }
        return byte
    }

    /// Reads the bytes of a UTF-8 sequence behind its first, each raw or escaped.
    private static func restOfSequence(
        _ lead: UInt8, at start: Int, _ body: Span<UInt8>, _ i: inout Int, _ end: Int, _ traits: inout Traits
    ) throws(BodyFault) -> UInt32 {
        var sequence = InlineArray<4, UInt8>(repeating: 0)
        sequence[0] = lead
        let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        for at in 1..<length {
            guard i < end else { throw BodyFault(.invalidUTF8, at: start) }
            sequence[at] = try next(body, &i, end, &traits.isEncoded)
        }
        traits.count += length - 1
        let (scalar, read) = UTF8Sequence.decode(sequence.span, at: 0)
        guard read == length else { throw BodyFault(.invalidUTF8, at: start) }
        return scalar
    }

    /// Whether none of eight raw bytes needs a closer look: no `%`, `+`, `;`, `=`, NUL or byte above 0x7f.
    @inline(__always)
    private static func plain(_ w: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let percent = (w ^ 0x2525_2525_2525_2525) &- ones
        let plus = (w ^ 0x2b2b_2b2b_2b2b_2b2b) &- ones
        let semicolon = (w ^ 0x3b3b_3b3b_3b3b_3b3b) &- ones
        let equals = (w ^ 0x3d3d_3d3d_3d3d_3d3d) &- ones
        return (percent | plus | semicolon | equals | (w &- ones) | w) & 0x8080_8080_8080_8080 == 0
    }

    /// Appends the decoded bytes of a range that a scan has accepted.
    static func decode(_ body: Span<UInt8>, _ range: Range<Int>, _ isEncoded: Bool, into out: inout GrowableBytes) {
        let text = body.extracting(range)
        if isEncoded { _ = PercentDecoding.decode(text, plusIsBlank: true, into: &out) } else { out.append(text) }
    }

    /// The same into an array, whatever the encoding.
    static func decode(_ body: Span<UInt8>, _ range: Range<Int>, into out: inout [UInt8]) {
        var i = range.lowerBound
        var isEncoded = false
        while i < range.upperBound, let byte = try? next(body, &i, range.upperBound, &isEncoded) { out.append(byte) }
    }
}
