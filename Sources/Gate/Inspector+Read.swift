public import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Reads everything of a request that does not depend on what is suppressed.
    /// - Returns: why the request cannot be judged; `nil` when it can.
    @usableFromInline
    mutating func read(
        _ endpoint: Endpoint, contentType: Span<UInt8>?, query: Span<UInt8>, body: Span<UInt8>, isSigned: Bool
    ) -> Refusal? {
        findings.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        suspects.removeAll(keepingCapacity: true)
        lists.removeAll(keepingCapacity: true)
        trail.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        normalForms.reset(keeping: 64 << 10)
        detail.reset()
        self.endpoint = endpoint
        self.isSigned = isSigned
        do throws(Refusal) {
            guard body.count <= endpoint.bodyLimit else { throw .bodyTooLarge }
            try checkContentType(contentType, endpoint)
            switch endpoint.shape {
            case .form(let shape): try readForm(shape, endpoint, query: query, body: body)
            case .json(let shape): try readJSON(shape, endpoint, query: query, body: body)
            }
            guard !findings.isEmpty else { throw .recipientMissing }
            return nil
        } catch {
            unmonitoredVerdict = .refuse(error)
            return error
        }
    }

    private mutating func checkContentType(_ value: Span<UInt8>?, _ endpoint: Endpoint) throws(Refusal) {
        let expected = endpoint.contentType
        guard let value else {
            detail.append("this endpoint takes ")
            detail.append(expected.span)
            throw .contentTypeMissing
        }
        do throws(BodyFault) { _ = try ContentType.parse(value) } catch { throw fault(error) }
        var end = 0
        while end < value.count, value[end] != UInt8(ascii: ";"), value[end] != 0x20, value[end] != 0x09 { end += 1 }
        guard ASCIIText.caselessEqual(value.extracting(0..<end), expected.span) else {
            detail.append("send ")
            detail.append(expected.span)
            throw .contentTypeUnexpected
        }
    }

    /// The refusal for a fault of the scanners, with its sentence as the detail.
    mutating func fault(_ fault: BodyFault) -> Refusal {
        detail.reset()
        fault.write(into: &detail)
        switch fault.cause {
        case .duplicateKey: return .nameRepeated
        case .badContentType: return .contentTypeUnexpected
        case .unsupportedCharset, .unsupportedParameter, .repeatedParameter, .badBoundary: return .charsetUnexpected
        default: return fault.status == 413 ? .bodyTooComplex : .bodyMalformed
        }
    }

    /// Reads the identifier in ``text`` and notes the recipient.
    mutating func addRecipient(
        slot index: Int, _ endpoint: Endpoint, span: Range<Int>, source: RecipientFinding.Source, node: Int
    ) throws(Refusal) {
        guard findings.count < endpoint.recipientLimit else {
            detail.append("at most ")
            detail.append(decimal: endpoint.recipientLimit)
            throw .recipientsTooMany
        }
        let slot = endpoint.slots[index]
        var finding = RecipientFinding(
            span: ByteRange(span), normalForm: ByteRange(lower: 0, upper: 0), source: source, slot: UInt16(truncatingIfNeeded: index), kind: slot.kind,
            channel: slot.channel, channels: slot.channels, key: nil, fate: .allowed, suppressedOn: [],
            keys: keys.count..<keys.count, dropped: -1, list: -1, node: node)
        if node >= 0, case .json(let shape) = endpoint.shape { place(&finding, shape) }

        var start = 0
        if let prefix = Self.prefix(of: text, among: slot.prefixes, start: &start) {
            finding.channel = prefix.channel
            finding.channels = prefix.channels
            if let policy = prefix.opaque {
                guard policy == .allow else {
                    detail.append(slot.at)
                    throw .recipientOpaque
                }
                finding.fate = .opaque
                finding.normalForm = Self.keep(text, in: &normalForms)
                findings.append(finding)
                return
            }
        }
        let spelling: Spelling
        do throws(IdentifierProblem) {
            let first = normalForms.count
            spelling = try Self.read(text, from: start, slot.kind, &normaliser, &candidates, &normalForms)
            finding.normalForm = ByteRange(first..<normalForms.count)
        } catch {
            detail.append(slot.at)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
        guard spelling == .agreed, !candidates.isEmpty else {
            detail.append(slot.at)
            detail.append(": parsers read this spelling in different ways; write ")
            detail.append(slot.kind == .phone ? "+ and country code, then digits only" : "the bare address in plain characters")
            throw .recipientMalformed
        }
        finding.key = candidates[0]
        finding.keys = keys.count..<(keys.count + candidates.count)
        for key in candidates.indices { keys.append(candidates[key]) }
        findings.append(finding)
    }

    /// Notes every piece of ``text`` that reads like an identifier.
    mutating func addSuspects(_ endpoint: Endpoint, node: Int) throws(Refusal) {
        try addPieces(node: node)
        // `"ann"@example.com` is ann@example.com, but quotes also stand around whole addresses.
        if Self.unquote(&text) { try addPieces(node: node) }
    }

    /// Takes quotes and backslashes out of `text`, if there is a quoted local part in it.
    private static func unquote(_ text: inout GrowableBytes) -> Bool {
        let bytes = text.withSpan { text -> [UInt8]? in
            for index in text.indices.dropFirst() where text[index] == UInt8(ascii: "@") && text[index - 1] == UInt8(ascii: "\"") {
                return text.indices.compactMap { text[$0] == UInt8(ascii: "\"") || text[$0] == UInt8(ascii: "\\") ? nil : text[$0] }
            }
            return nil
        }
        guard let bytes else { return false }
        text.reset()
        text.append(bytes.span)
        return true
    }

    private mutating func addPieces(node: Int) throws(Refusal) {
        var at = 0
        while let (kind, range, next) = Self.nextGuess(text, from: at) {
            at = next
            guard let kind else { continue }
            // What does not read as an identifier is none, and an unusual spelling still has its keys.
            guard (try? Self.read(text, in: range, kind, &normaliser, &candidates)) != nil else { continue }
            guard suspects.count < 1000 else {
                detail.append("too many addresses in places the adapter does not know")
                throw .bodyTooComplex
            }
            suspects.append(Suspect(keys: keys.count..<(keys.count + candidates.count), node: node))
            for key in candidates.indices { keys.append(candidates[key]) }
        }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func prefix(
        of text: borrowing GrowableBytes, among prefixes: [RecipientSlot.Prefix], start: inout Int
    ) -> RecipientSlot.Prefix? {
        guard !prefixes.isEmpty else { return nil }
        return text.withSpan { text in
            var lead = 0
            while lead < text.count, text[lead] == 0x20 || text[lead] == 0x09 { lead += 1 }
            for prefix in prefixes where text.count - lead >= prefix.text.count {
                guard ASCIIText.caselessEqual(text.extracting(lead..<(lead + prefix.text.count)), prefix.text.span) else { continue }
                start = lead + prefix.text.count
                return prefix
            }
            return nil
        }
    }

    private static func read(
        _ text: borrowing GrowableBytes, from start: Int, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys, _ normalForms: inout GrowableBytes
    ) throws(IdentifierProblem) -> Spelling {
        try text.withSpan { (text) throws(IdentifierProblem) in
            try normaliser.keys(of: text.extracting(start...), kind: kind, into: &candidates, normalForm: &normalForms)
        }
    }

    private static func keep(_ text: borrowing GrowableBytes, in normalForms: inout GrowableBytes) -> ByteRange {
        let start = normalForms.count
        text.withSpan { normalForms.append($0) }
        return ByteRange(start..<normalForms.count)
    }

    private static func read(
        _ text: borrowing GrowableBytes, in range: Range<Int>, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys
    ) throws(IdentifierProblem) -> Spelling {
        try text.withSpan { (text) throws(IdentifierProblem) in
            try normaliser.keys(of: text.extracting(range), kind: kind, into: &candidates)
        }
    }

    private static func nextGuess(
        _ text: borrowing GrowableBytes, from start: Int
    ) -> (kind: IdentifierKind?, range: Range<Int>, next: Int)? {
        text.withSpan { text in
            guard let piece = IdentifierShape.nextPiece(text, from: start) else { return nil }
            guard let guess = IdentifierShape.guess(text, piece) else { return (nil, piece, piece.upperBound) }
            return (guess.kind, guess.range, piece.upperBound)
        }
    }
}
