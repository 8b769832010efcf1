public import Bytes

/// The head of a MIME message (RFC 5322) as a list of header fields in reading order. The body is not read.
///
/// Accepts heads that all parsers divide alike (hardening.md 2.8): one kind of line end, names with the colon right behind,
/// folds that are not blank, nothing before the first header, no control characters, UTF-8, lines of 998 bytes at most, To, Cc,
/// Bcc, their Resent- forms and From once at most. Python's libraries end lines with a bare LF: such a message may hold no CR at
/// all, so that who looks for CRLF alone finds no second head further down.
///
/// One message serves many texts: it keeps its storage, so a warm one allocates nothing. It holds offsets alone.
public struct MIMEMessage: ~Copyable {
    /// The fields; empty until a scan has succeeded.
    public private(set) var fields: [MIMEField] = []
    /// Where the body begins, behind the blank line; the end of the text when there is none.
    public private(set) var bodyStart = 0
    /// Whether no recipient can be taken out of the head: it is signed (DKIM), or was sent before (Resent-), so that the
    /// addresses left in one header would count only when those of another are gone.
    public private(set) var isSealed = false

    /// What ends the lines of the head. `nil` before the first one.
    private var usesCRLF: Bool?

    public init() { fields.reserveCapacity(64) }

    public var count: Int { fields.count }
    public subscript(index: Int) -> MIMEField { fields[index] }

    /// Reads the head of `text` and replaces the fields.
    /// - Throws: the first rule broken in reading order. There are then no fields.
    /// - Complexity: O(head), and O(text.count) at memory speed where lines end with LF alone.
    public mutating func scan(_ text: Span<UInt8>, limits: MIMELimits = .standard) throws(BodyFault) {
        fields.removeAll(keepingCapacity: true)
        isSealed = false
        usesCRLF = nil
        bodyStart = text.count
        var isWhole = false
        defer { if !isWhole { fields.removeAll(keepingCapacity: true) } }
        guard text.count <= Int(Int32.max) else { throw BodyFault(.bodyTooLong, at: Int(Int32.max)) }
        try readHead(text, limits)
        guard !fields.isEmpty else { throw BodyFault(.badHeaderLine, at: 0) }
        if usesCRLF == false, let stray = Self.firstReturn(text, from: bodyStart) { throw BodyFault(.mixedLineEnds, at: stray) }
        isWhole = true
    }

    private mutating func readHead(_ text: Span<UInt8>, _ limits: MIMELimits) throws(BodyFault) {
        var at = 0
        while at < text.count {
            let start = at
            guard start <= limits.headBytes else { throw BodyFault(.headTooLong, at: start) }
            let end = try lineEnd(text, start, limits)
            at = end.next
            if end.line == start {
                bodyStart = at
                return
            }
            if text[start].isASCIIBlank {
                // A line of blanks ends the head for some.
                guard !fields.isEmpty, !Self.isBlank(text, start..<end.line) else { throw BodyFault(.badHeaderLine, at: start) }
                fields[fields.count - 1].value.upper = UInt32(end.line)
                fields[fields.count - 1].line.upper = UInt32(at)
            } else {
                guard fields.count < limits.headers else { throw BodyFault(.tooManyHeaders, at: start) }
                try add(text, start, end.line, at)
            }
        }
        // The last line may lack its end, but no byte may follow that nobody has looked at.
        bodyStart = text.count
    }

    private mutating func add(_ text: Span<UInt8>, _ start: Int, _ end: Int, _ next: Int) throws(BodyFault) {
        var colon = start
        while colon < end, Self.isNameByte(text[colon]) { colon += 1 }
        guard colon < end else { throw BodyFault(.badHeaderLine, at: start) }
        guard colon > start, text[colon] == UInt8(ascii: ":") else { throw BodyFault(.badHeaderName, at: colon) }
        let name = text.extracting(start..<colon)
        guard let role = MIMEHeaderNames.role(of: name) else { throw BodyFault(.headerForbidden, at: start) }
        if MIMEHeaderNames.isSingle(name, role) {
            for index in fields.indices where ASCIIText.caselessEqual(text.extracting(fields[index].name.range), name) {
                throw BodyFault(.headerRepeated, at: start, earlier: Int(fields[index].line.lower))
            }
        }
        if role.isRecipient && role.rawValue >= MIMEField.Role.resentTo.rawValue || MIMEHeaderNames.isSignature(name) { isSealed = true }
        fields.append(
            MIMEField(
                role: role, name: ByteRange(start..<colon), value: ByteRange((colon + 1)..<end), line: ByteRange(start..<next)))
    }

    /// Where the line that begins at `start` ends, and where the next one begins.
    private mutating func lineEnd(
        _ text: Span<UInt8>, _ start: Int, _ limits: MIMELimits
    ) throws(BodyFault) -> (line: Int, next: Int) {
        var at = start
        while at < text.count {
            let byte = text[at]
            if byte < 0x20 || byte >= 0x7f {
                if byte == 0x0a || byte == 0x0d { break }
                if byte == 0x09 {
                    at += 1
                } else {
                    at += try Self.character(text, at)
                }
                continue
            }
            at += 1
        }
        guard at - start <= limits.lineBytes else { throw BodyFault(.headerLineTooLong, at: start) }
        guard at < text.count else { return (at, at) }
        let isPair = text[at] == 0x0d
        if isPair { guard at + 1 < text.count, text[at + 1] == 0x0a else { throw BodyFault(.mixedLineEnds, at: at) } }
        guard usesCRLF == nil || usesCRLF == isPair else { throw BodyFault(.mixedLineEnds, at: at) }
        usesCRLF = isPair
        return (at, at + (isPair ? 2 : 1))
    }

    /// The length of the character outside of ASCII at `at`. Controls and the line ends of Unicode are refused.
    private static func character(_ text: Span<UInt8>, _ at: Int) throws(BodyFault) -> Int {
        let (scalar, length) = UTF8Sequence.decode(text, at: at)
        guard length > 0 else { throw BodyFault(.invalidUTF8, at: at) }
        guard !UTF8Sequence.isControl(scalar), scalar != 0x2028, scalar != 0x2029 else { throw BodyFault(.controlInHeader, at: at) }
        return length
    }

    /// Letters, digits, hyphens and the two signs some vendors use: a subset of RFC 5322's `ftext`.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    private static func isBlank(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where !text[index].isASCIIBlank { return false }
        return true
    }

    /// The first carriage return from `start` on.
    private static func firstReturn(_ text: Span<UInt8>, from start: Int) -> Int? {
        var i = start
        let wanted = SIMD4<UInt64>(repeating: 0x0d0d_0d0d_0d0d_0d0d)
        let ones = SIMD4<UInt64>(repeating: 0x0101_0101_0101_0101)
        while i <= text.count &- 32 {
            let words = text.words4(at: i) ^ wanted
            let hits = (words &- ones) & ~words & SIMD4(repeating: 0x8080_8080_8080_8080)
            if (hits[0] | hits[1]) | (hits[2] | hits[3]) != 0 { break }
            i &+= 32
        }
        while i < text.count {
            if text[i] == 0x0d { return i }
            i &+= 1
        }
        return nil
    }

    /// Appends the value of a field with a blank for every byte of its line ends, so that offsets into what is appended are
    /// offsets into the value.
    public func appendUnfolded(_ field: Int, in text: Span<UInt8>, to out: inout GrowableBytes) {
        let value = fields[field].value.range
        out.reserve(value.count)
        for index in value { out.append(text[index] == 0x0d || text[index] == 0x0a ? 0x20 : text[index]) }
    }
}
