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
        dearSuspects = 0
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
        guard let value else {
            detail.append("this endpoint takes ")
            appendContentTypes(endpoint)
            throw .contentTypeMissing
        }
        for type in endpoint.contentTypes where ASCIIText.caselessEqual(value, type.span) { return }
        do throws(BodyFault) { _ = try ContentType.parse(value) } catch { throw fault(error) }
        var end = 0
        while end < value.count, value[end] != UInt8(ascii: ";"), value[end] != 0x20, value[end] != 0x09 { end += 1 }
        for type in endpoint.contentTypes where ASCIIText.caselessEqual(value.extracting(0..<end), type.span) { return }
        detail.append("send ")
        appendContentTypes(endpoint)
        throw .contentTypeUnexpected
    }

    private mutating func appendContentTypes(_ endpoint: Endpoint) {
        for (index, type) in endpoint.contentTypes.enumerated() {
            if index > 0 { detail.append(" or ") }
            detail.append(type.span)
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
    /// - Parameter cut: for JSON the tape node that goes with it, and the list that node is an item of; -1 when nothing goes.
    mutating func addRecipient(
        slot index: Int, _ endpoint: Endpoint, span: Range<Int>, source: RecipientFinding.Source, node: Int,
        cut: (node: Int, list: Int) = (-1, -1)
    ) throws(Refusal) {
        guard findings.count < endpoint.recipientLimit else {
            detail.append("at most ")
            detail.append(decimal: endpoint.recipientLimit)
            throw .recipientsTooMany
        }
        let kind = endpoint.slots[index].kind
        var channel = endpoint.slots[index].channel
        var channels = endpoint.slots[index].channels
        var start = 0
        var isOpaque = false
        if !endpoint.slots[index].prefixes.isEmpty, let prefix = Self.prefix(of: text, among: endpoint.slots[index].prefixes, start: &start) {
            channel = endpoint.slots[index].prefixes[prefix].channel
            channels = endpoint.slots[index].prefixes[prefix].channels
            if let policy = endpoint.slots[index].prefixes[prefix].opaque {
                guard policy == .allow else {
                    detail.append(endpoint.slots[index].at)
                    throw .recipientOpaque
                }
                isOpaque = true
            }
        }
        let name = normalForms.count
        let firstKey = keys.count
        if isOpaque {
            Self.keep(text, in: &normalForms)
        } else {
            try readIdentifier(from: start, kind, endpoint.slots[index].at)
        }
        findings.append(
            RecipientFinding(
                span: ByteRange(span), normalForm: ByteRange(name..<normalForms.count), source: source,
                slot: UInt16(truncatingIfNeeded: index), kind: kind, channel: channel, channels: channels,
                key: isOpaque ? nil : keys[firstKey], fate: isOpaque ? .opaque : .allowed, suppressedOn: [],
                keys: firstKey..<keys.count, dropped: cut.node, list: cut.list, node: node))
    }

    /// Adds the keys and the normal form of the identifier that begins at `start` in ``text``.
    /// - Parameter place: where it stands, for the refusal.
    private mutating func readIdentifier(from start: Int, _ kind: IdentifierKind, _ place: String) throws(Refusal) {
        let spelling: Spelling
        do throws(IdentifierProblem) {
            spelling = try Self.read(text, from: start, kind, &normaliser, &candidates, &normalForms)
        } catch {
            detail.append(place)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
        guard spelling == .agreed, !candidates.isEmpty else {
            detail.append(place)
            detail.append(": parsers read this spelling in different ways; write ")
            detail.append(kind == .phone ? "+ and country code, then digits only" : "the bare address in plain characters")
            throw .recipientMalformed
        }
        for key in candidates.indices { keys.append(candidates[key]) }
    }

    /// Texts in unknown places that read like identifiers, and those that a library has to read, at 25 µs each.
    private static let suspectLimit = 1000
    private static let dearSuspectLimit = 200

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
            var isDear = false
            let problem = Self.cover(text, in: range, kind, &normaliser, &candidates, &isDear)
            if isDear { dearSuspects += 1 }
            // What does not read as an identifier is none, and an unusual spelling still has its keys.
            let isRead = problem == nil
            guard problem != .tooManyReadings, dearSuspects <= Self.dearSuspectLimit, !isRead || suspects.count < Self.suspectLimit else {
                detail.append("too many addresses in places the adapter does not know")
                throw .bodyTooComplex
            }
            if !isRead { continue }
            suspects.append(Suspect(keys: keys.count..<(keys.count + candidates.count), node: node))
            for key in candidates.indices { keys.append(candidates[key]) }
        }
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func prefix(
        of text: borrowing GrowableBytes, among prefixes: [RecipientSlot.Prefix], start: inout Int
    ) -> Int? {
        text.withSpan { text in
            var lead = 0
            while lead < text.count, text[lead] == 0x20 || text[lead] == 0x09 { lead += 1 }
            // No prefix begins with a digit or a plus, as nearly all numbers do.
            guard lead < text.count, text[lead].isASCIILetter else { return nil }
            for index in prefixes.indices {
                let prefix = prefixes[index].text
                let end = lead + prefix.count
                guard end <= text.count, ASCIIText.caselessEqual(text.extracting(lead..<end), prefix.span) else { continue }
                start = end
                return index
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

    private static func keep(_ text: borrowing GrowableBytes, in normalForms: inout GrowableBytes) {
        text.withSpan { normalForms.append($0) }
    }

    private static func cover(
        _ text: borrowing GrowableBytes, in range: Range<Int>, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys, _ isDear: inout Bool
    ) -> IdentifierProblem? {
        text.withSpan { text in
            do throws(IdentifierProblem) {
                try normaliser.coveringKeys(of: text.extracting(range), kind: kind, into: &candidates, isDear: &isDear)
                return nil
            } catch { return error }
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
