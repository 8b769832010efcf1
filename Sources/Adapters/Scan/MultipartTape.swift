public import Bytes

/// A `multipart/form-data` body as a list of parts in reading order.
///
/// Accepts one shape (hardening.md 2.7): `--b CRLF part (CRLF --b CRLF part)* CRLF --b-- [CRLF]`, so no preamble, no epilogue,
/// no blanks behind a delimiter, and the boundary nowhere else. A part's head has one Content-Disposition with a plain name;
/// beside it at most one Content-Type, a transfer encoding that encodes nothing, and a length that is right.
///
/// One tape serves many bodies: it keeps its storage, so a warm tape allocates nothing (names outside of ASCII excepted). It
/// holds offsets alone; the caller keeps the bytes and passes the same ones to the methods that read them.
public struct MultipartTape: ~Copyable {
    /// The parts; empty until a scan has succeeded.
    public private(set) var parts: [MultipartPart] = []
    /// Folded forms of the names that need them.
    private var names: [UInt8] = []

    public init() { parts.reserveCapacity(32) }

    public var count: Int { parts.count }
    public subscript(index: Int) -> MultipartPart { parts[index] }

    /// Reads `body` and replaces the tape's parts.
    /// - Parameter boundary: from the Content-Type (``ContentType/boundary``): 1 to 70 bytes.
    /// - Throws: the first rule broken in reading order. The tape is then empty.
    /// - Complexity: O(body.count), whatever the boundary.
    public mutating func scan(
        _ body: Span<UInt8>, boundary: Span<UInt8>, limits: MultipartLimits = .standard
    ) throws(BodyFault) {
        parts.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        guard body.count <= Int(Int32.max) else { throw BodyFault(.bodyTooLong, at: Int(Int32.max)) }
        guard boundary.count >= 1, boundary.count <= 70 else { throw BodyFault(.badBoundary, at: 0) }
        var isWhole = false
        defer { if !isWhole { parts.removeAll(keepingCapacity: true) } }
        try read(body, BoundarySearch(boundary), limits)
        isWhole = true
    }

    private mutating func read(_ body: Span<UInt8>, _ search: borrowing BoundarySearch, _ limits: MultipartLimits) throws(BodyFault) {
        guard search.stands(at: 0, in: body) else { throw BodyFault(.badDelimiter, at: 0) }
        var delimiter = 0
        while true {
            let line = delimiter + search.count
            guard Self.isLineEnd(body, line) else {
                return try readEnd(body, line)
            }
            guard parts.count < limits.parts else { throw BodyFault(.tooManyParts, at: delimiter) }
            var head = PartHeadReader(at: line + 2, limit: delimiter + limits.headBytes)
            var part = try head.read(body)
            guard part.name.count <= limits.nameBytes else { throw BodyFault(.nameTooLong, at: Int(part.name.lower)) }
            guard let next = search.next(in: body, from: head.at) else { throw BodyFault(.badDelimiter, at: body.count) }
            // The line end in front belongs to the delimiter. It cannot be the one that ended the head.
            guard next >= head.at + 2, Self.isLineEnd(body, next - 2) else { throw BodyFault(.strayBoundary, at: next) }
            part.content = ByteRange(head.at..<(next - 2))
            part.range = ByteRange(delimiter..<next)
            if let length = head.length, length != part.content.count { throw BodyFault(.badPartHead, at: line + 2) }
            if part.isNameNonASCII { fold(&part, body) }
            parts.append(part)
            delimiter = next
        }
    }

    /// Reads what follows the last boundary: `--` and perhaps one line end.
    private func readEnd(_ body: Span<UInt8>, _ line: Int) throws(BodyFault) {
        guard body.count >= line + 2, body[line] == 0x2d, body[line + 1] == 0x2d else {
            throw BodyFault(parts.isEmpty ? .badDelimiter : .strayBoundary, at: line)
        }
        guard !parts.isEmpty, body.count == line + 2 || body.count == line + 4 && Self.isLineEnd(body, line + 2) else {
            throw BodyFault(.badDelimiter, at: line + 2)
        }
    }

    private static func isLineEnd(_ body: Span<UInt8>, _ offset: Int) -> Bool {
        offset + 1 < body.count && body[offset] == 0x0d && body[offset + 1] == 0x0a
    }

    private mutating func fold(_ part: inout MultipartPart, _ body: Span<UInt8>) {
        let start = names.count
        CompatibilityFolding.fold(body.extracting(part.name.range), into: &names)
        part.foldedName = ByteRange(start..<names.count)
    }

    /// Compares the name of `part` with `wanted`, a name in ASCII.
    /// - Complexity: O(name). No allocation.
    public func match(_ part: Int, _ wanted: Span<UInt8>, in body: Span<UInt8>) -> FormNameMatch {
        let part = parts[part]
        if part.isNameNonASCII { return FormTape.matchFolded(names.span.extracting(part.foldedName.range), wanted) }
        return FormTape.match(body.extracting(part.name.range), wanted)
    }

    public func match(_ part: Int, _ wanted: String, in body: Span<UInt8>) -> FormNameMatch {
        match(part, wanted.utf8.span, in: body)
    }

    /// Whether the name of `part`, which is not `wanted` itself, is what some server reads as it.
    /// - Complexity: O(name). No allocation.
    public func isAlike(_ part: Int, _ wanted: FormShape.Guarded, in body: Span<UInt8>) -> Bool {
        let part = parts[part]
        if part.isNameNonASCII { return FormTape.isAlike(names.span.extracting(part.foldedName.range), wanted) }
        return FormTape.isAlike(body.extracting(part.name.range), wanted)
    }

    /// Appends the byte ranges whose removal takes the parts `cuts` out of the body and leaves every other byte as it was.
    /// - Parameters:
    ///   - cuts: part indices in ascending order, not all of them: a body without parts is none.
    ///   - ranges: gets ascending ranges that do not overlap.
    /// - Complexity: O(cuts).
    public func appendCuts(_ cuts: [Int], to ranges: inout [ByteRange]) {
        precondition(cuts.count < parts.count, "a multipart body keeps one part at least")
        for index in cuts.indices { ranges.append(parts[cuts[index]].range) }
    }
}
