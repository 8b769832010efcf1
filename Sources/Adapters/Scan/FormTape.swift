public import Bytes

/// An `application/x-www-form-urlencoded` body or a query string as a list of fields in reading order.
///
/// One tape serves many bodies: it keeps its storage, so a warm tape allocates nothing (names outside of ASCII excepted). It
/// holds offsets alone; the caller keeps the bytes and passes the same ones to the methods that read them.
public struct FormTape: ~Copyable {
    /// The fields; empty until a scan has succeeded. An empty piece (`a=1&&b=2`) is no field.
    @usableFromInline var fields: UniqueArray<FormField> = UniqueArray(capacity: 64)
    /// Decoded and folded forms of the names that need them.
    var names: [UInt8] = []

    public init() {}

    @inlinable public var count: Int { fields.count }
    @inlinable @inline(__always)
    public subscript(index: Int) -> FormField { fields[index] }

    /// Reads `body` and replaces the tape's fields.
    ///
    /// Splits on `&` alone and refuses what parsers read in more than one way (hardening.md 2.6): bad percent escapes, NUL,
    /// text that is not UTF-8 once decoded, control characters in names, a raw `;` in a name or before a later `=`.
    /// - Throws: the first rule broken in reading order. The tape is then empty.
    /// - Complexity: O(body.count).
    public mutating func scan(_ body: Span<UInt8>, limits: FormLimits = .standard) throws(BodyFault) {
        fields.removeAll()
        if !names.isEmpty { names.removeAll(keepingCapacity: true) }
        guard body.count <= Int(Int32.max) else { throw BodyFault(.bodyTooLong, at: Int(Int32.max)) }
        var isWhole = false
        defer { if !isWhole { fields.removeAll() } }
        try read(body, limits)
        isWhole = true
    }

    private mutating func read(_ body: Span<UInt8>, _ limits: FormLimits) throws(BodyFault) {
        var reader = FormReader(limits)
        try reader.read(body) { field throws(BodyFault) in
            guard fields.count < limits.fields else { throw BodyFault(.tooManyFields, at: Int(field.name.lower)) }
            var field = field
            if field.isNameEncoded || field.isNameNonASCII { keepName(of: &field, in: body) }
            fields.append(field)
        }
    }

    private mutating func keepName(of field: inout FormField, in body: Span<UInt8>) {
        let start = names.count
        var i = Int(field.name.lower)
        while i < Int(field.name.upper) {
            // The escapes are in order: the scan has refused any that are not.
            if body[i] == UInt8(ascii: "%"), let high = body[i + 1].hexDigitValue, let low = body[i + 2].hexDigitValue {
                names.append(high << 4 | low)
                i += 3
            } else {
                names.append(body[i] == UInt8(ascii: "+") ? UInt8(ascii: " ") : body[i])
                i += 1
            }
        }
        field.decodedName = ByteRange(start..<names.count)
        guard field.isNameNonASCII else { return }
        let decoded = Array(names[start...])
        let folded = names.count
        CompatibilityFolding.fold(decoded.span, into: &names)
        field.foldedName = ByteRange(folded..<names.count)
    }

    /// Appends the decoded name of a field.
    public func appendName(_ field: Int, in body: Span<UInt8>, to out: inout GrowableBytes) {
        Self.decode(body, fields[field].name.range, fields[field].isNameEncoded, into: &out)
    }

    /// Appends the decoded value of a field, as UTF-8.
    public func appendValue(_ field: Int, in body: Span<UInt8>, to out: inout GrowableBytes) {
        Self.decode(body, fields[field].value.range, fields[field].isValueEncoded, into: &out)
    }

    private static func decode(_ body: Span<UInt8>, _ range: Range<Int>, _ isEncoded: Bool, into out: inout GrowableBytes) {
        let text = body.extracting(range)
        if isEncoded { _ = PercentDecoding.decode(text, plusIsBlank: true, into: &out) } else { out.append(text) }
    }
}
