import Bytes

/// How a field's decoded name stands to a wanted name.
public enum FormNameMatch: Equatable, Sendable {
    case other
    /// The same bytes.
    case exact
    /// The wanted name with brackets or a dotted tail, which some parsers read as a list or a map of that name: `to[]`,
    /// `to[0]`, `to.x`.
    case bracketed
    /// Neither, but a laxer parser may take it for the wanted name or its bracketed form: it differs in case, compatibility
    /// forms, surrounding blanks or invisible characters, stands in brackets itself (`[to]`), or has a blank, `.` or `[`
    /// where the wanted name has `_` (as PHP reads names).
    case misspelt
}

extension FormTape {
    /// Compares the decoded name of `field` with `wanted`, a name in ASCII.
    /// - Complexity: O(name). No allocation.
    public func match(_ field: Int, _ wanted: Span<UInt8>, in body: Span<UInt8>) -> FormNameMatch {
        let field = fields[field]
        if field.isNameNonASCII {
            return Self.matchFolded(names.span.extracting(field.foldedName.range), wanted)
        }
        if field.isNameEncoded { return Self.match(names.span.extracting(field.decodedName.range), wanted) }
        return Self.match(body.extracting(field.name.range), wanted)
    }

    public func match(_ field: Int, _ wanted: String, in body: Span<UInt8>) -> FormNameMatch {
        match(field, wanted.utf8.span, in: body)
    }

    /// Whether the decoded name of `field`, which is not `wanted` itself, is what some server reads as it.
    /// - Complexity: O(name). No allocation.
    public func isAlike(_ field: Int, _ wanted: FormShape.Guarded, in body: Span<UInt8>) -> Bool {
        let field = fields[field]
        if field.isNameNonASCII { return Self.isAlike(names.span.extracting(field.foldedName.range), wanted) }
        if field.isNameEncoded { return Self.isAlike(names.span.extracting(field.decodedName.range), wanted) }
        return Self.isAlike(body.extracting(field.name.range), wanted)
    }

    static func isAlike(_ name: Span<UInt8>, _ wanted: FormShape.Guarded) -> Bool {
        wanted.pattern.isAlike(name) || wanted.pattern.isMangled(name)
    }

    /// The first field from index `start` on whose decoded name is exactly `name`; call again behind it for the next.
    public func field(named name: Span<UInt8>, from start: Int = 0, in body: Span<UInt8>) -> Int? {
        var i = start
        while i < fields.count {
            if match(i, name, in: body) == .exact { return i }
            i += 1
        }
        return nil
    }

    public func field(named name: String, from start: Int = 0, in body: Span<UInt8>) -> Int? {
        field(named: name.utf8.span, from: start, in: body)
    }

    static func match(_ name: Span<UInt8>, _ wanted: Span<UInt8>) -> FormNameMatch {
        if ASCIIText.equal(name, wanted) { return .exact }
        if name.count > wanted.count, isTail(name[wanted.count]),
            ASCIIText.equal(name.extracting(0..<wanted.count), wanted)
        {
            return .bracketed
        }
        return matchFolded(name, wanted)
    }

    static func matchFolded(_ name: Span<UInt8>, _ wanted: Span<UInt8>) -> FormNameMatch {
        let range = ASCIIText.trimmingBlanks(name, name.indices)
        if !range.isEmpty && name[range.lowerBound] == UInt8(ascii: "[") {
            if looksLike(wanted, name.extracting(range.lowerBound + 1..<range.upperBound)) { return .misspelt }
        }
        return looksLike(wanted, name.extracting(range)) ? .misspelt : .other
    }

    /// Whether `name` begins like `wanted`, as lax parsers read it, and then ends or has a tail.
    private static func looksLike(_ wanted: Span<UInt8>, _ name: Span<UInt8>) -> Bool {
        guard name.count >= wanted.count else { return false }
        for i in wanted.indices where name[i].asciiLowercased != wanted[i].asciiLowercased {
            guard wanted[i] == UInt8(ascii: "_"), isTail(name[i]) || name[i] == UInt8(ascii: " ") else { return false }
        }
        guard name.count > wanted.count else { return true }
        let next = name[wanted.count]
        return isTail(next) || next == UInt8(ascii: "]") || next == UInt8(ascii: " ")
    }

    private static func isTail(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "[") || byte == UInt8(ascii: ".") }
}
