import Adapters
import Bytes
import Recipients

/// A recipient's place, for what becomes of it later.
struct RecipientPlace {
    var source: RecipientFinding.Source
    /// For JSON: the tape node of the value, the node that goes with it, and the list that one is an item of.
    var node = -1
    var cut: (node: Int, list: Int) = (-1, -1)
    /// For forms: the field and the numbers in its name.
    var field = -1
    var numbers = FormPattern.Numbers()

    init(_ source: RecipientFinding.Source) { self.source = source }
}

extension Inspector {
    /// Notes the recipients in ``text``, the decoded value of a slot's place.
    /// - Parameter raw: where the value stands in `bytes`, written in `coding`.
    mutating func addRecipients(
        slot index: Int, _ endpoint: Endpoint, _ place: RecipientPlace, raw: Range<Int>, _ coding: TextCoding, in bytes: Span<UInt8>
    ) throws(Refusal) {
        guard endpoint.slots[index].holdsList else {
            return try addRecipient(slot: index, endpoint, place, range: 0..<text.count, piece: -1, span: raw)
        }
        try takeApart(slot: index, endpoint)
        var escaped = EscapedText(raw, coding)
        for piece in 0..<list.count {
            let range = list[piece]
            let lower = escaped.offset(of: range.lowerBound, in: bytes)
            let upper = escaped.offset(of: range.upperBound, in: bytes)
            try addRecipient(slot: index, endpoint, place, range: range, piece: piece, span: lower..<upper)
        }
    }

    /// The same where nobody needs to know where each of them stands: all of them are found at `raw`.
    mutating func addRecipients(slot index: Int, _ endpoint: Endpoint, _ place: RecipientPlace, raw: Range<Int>) throws(Refusal) {
        guard endpoint.slots[index].holdsList else {
            return try addRecipient(slot: index, endpoint, place, range: 0..<text.count, piece: -1, span: raw)
        }
        try takeApart(slot: index, endpoint)
        for piece in 0..<list.count {
            try addRecipient(slot: index, endpoint, place, range: list[piece], piece: piece, span: raw)
        }
    }

    /// Takes ``text`` apart into ``list``.
    private mutating func takeApart(slot index: Int, _ endpoint: Endpoint) throws(Refusal) {
        let syntax = endpoint.slots[index].list
        do throws(IdentifierProblem) { try Self.take(text, apart: syntax, limit: endpoint.recipientLimit, &list) } catch {
            if error == .tooManyMailboxes { try failTooMany(endpoint) }
            detail.append(endpoint.slots[index].at)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
        guard list.isDense || !endpoint.slots[index].hasAligned else {
            detail.append(endpoint.slots[index].at)
            detail.append(": an empty piece does not line up with the other lists")
            throw .recipientMalformed
        }
        for piece in 0..<list.count where !list.isAgreed(piece) { try failUnusual(endpoint.slots[index].at, .email) }
    }

    /// Notes one recipient of a JSON document, whose text is ``text``.
    mutating func addRecipient(
        slot index: Int, _ endpoint: Endpoint, span: Range<Int>, source: RecipientFinding.Source, node: Int,
        cut: (node: Int, list: Int) = (-1, -1)
    ) throws(Refusal) {
        var place = RecipientPlace(source)
        place.node = node
        place.cut = cut
        try addRecipient(slot: index, endpoint, place, range: 0..<text.count, piece: -1, span: span)
    }

    /// Reads the identifier that stands at `range` in ``text`` and notes the recipient.
    /// - Parameters:
    ///   - piece: which recipient of the text it is; -1 when the text is one.
    ///   - span: the bytes as the client wrote them.
    mutating func addRecipient(
        slot index: Int, _ endpoint: Endpoint, _ place: RecipientPlace, range: Range<Int>, piece: Int, span: Range<Int>
    ) throws(Refusal) {
        guard findings.count < endpoint.recipientLimit else { try failTooMany(endpoint) }
        var kind = endpoint.slots[index].isAnyKind ? Self.kind(of: text, in: range) : endpoint.slots[index].kind
        var channel = endpoint.slots[index].channel
        var channels = endpoint.slots[index].channels
        var start = range.lowerBound
        var opaque = endpoint.slots[index].opaque
        if !endpoint.slots[index].prefixes.isEmpty,
            let prefix = Self.prefix(of: text, in: range, among: endpoint.slots[index].prefixes, start: &start)
        {
            channel = endpoint.slots[index].prefixes[prefix].channel
            channels = endpoint.slots[index].prefixes[prefix].channels
            opaque = endpoint.slots[index].prefixes[prefix].opaque ?? opaque
            if endpoint.slots[index].isAnyKind { kind = Self.kind(of: text, in: start..<range.upperBound) }
        }
        if opaque == nil, let otherwise = endpoint.slots[index].otherwise, !Self.isLike(kind, text, in: start..<range.upperBound) {
            opaque = otherwise
        }
        if opaque == .reject {
            detail.append(endpoint.slots[index].at)
            throw .recipientOpaque
        }
        let name = normalForms.count
        let firstKey = keys.count
        if opaque == .allow {
            Self.keep(text, range, in: &normalForms)
        } else {
            try readIdentifier(start..<range.upperBound, kind, endpoint.slots[index].at)
        }
        isFilled[index] = true
        var finding = RecipientFinding(
            span: ByteRange(span), normalForm: ByteRange(name..<normalForms.count), source: place.source,
            slot: UInt16(truncatingIfNeeded: index), kind: kind, channel: channel, channels: channels,
            key: opaque == .allow ? nil : keys[firstKey], fate: opaque == .allow ? .opaque : .allowed, suppressedOn: [],
            keys: firstKey..<keys.count, dropped: place.cut.node, list: place.cut.list, node: place.node)
        finding.field = place.field
        finding.numbers = place.numbers
        finding.piece = piece
        findings.append(finding)
        // An id may still be somebody's number or address.
        if opaque == .allow, let (kind, range) = Self.guess(text, in: range) { try addSuspect(range, kind, node: place.node, nil) }
    }

    /// Adds the keys and the normal form of the identifier at `range` in ``text``.
    /// - Parameter place: where it stands, for the refusal.
    private mutating func readIdentifier(_ range: Range<Int>, _ kind: IdentifierKind, _ place: String) throws(Refusal) {
        let spelling: Spelling
        do throws(IdentifierProblem) {
            spelling = try Self.read(text, range, kind, &normaliser, &candidates, &normalForms)
        } catch {
            detail.append(place)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
        guard spelling == .agreed, !candidates.isEmpty else { try failUnusual(place, kind) }
        for key in candidates.indices { keys.append(candidates[key]) }
    }

    private mutating func failUnusual(_ place: String, _ kind: IdentifierKind) throws(Refusal) -> Never {
        detail.append(place)
        detail.append(": parsers read this spelling in different ways; write ")
        detail.append(kind == .phone ? "+ and country code, then digits only" : "the bare address in plain characters")
        throw .recipientMalformed
    }

    private mutating func failTooMany(_ endpoint: Endpoint) throws(Refusal) -> Never {
        detail.append("at most ")
        detail.append(decimal: endpoint.recipientLimit)
        throw .recipientsTooMany
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func take(
        _ text: borrowing GrowableBytes, apart syntax: RecipientSpec.ListSyntax, limit: Int, _ list: inout TextList
    ) throws(IdentifierProblem) {
        try text.withSpan { (text) throws(IdentifierProblem) in try list.read(text, syntax, limit: limit) }
    }

    private static func kind(of text: borrowing GrowableBytes, in range: Range<Int>) -> IdentifierKind {
        text.withSpan { IdentifierShape.kind(of: $0.extracting(range)) }
    }

    private static func isLike(_ kind: IdentifierKind, _ text: borrowing GrowableBytes, in range: Range<Int>) -> Bool {
        text.withSpan { IdentifierShape.isLike(kind, $0.extracting(range)) }
    }

    private static func guess(_ text: borrowing GrowableBytes, in range: Range<Int>) -> (kind: IdentifierKind, range: Range<Int>)? {
        text.withSpan { IdentifierShape.guess($0, range) }
    }

    private static func prefix(
        of text: borrowing GrowableBytes, in range: Range<Int>, among prefixes: [RecipientSlot.Prefix], start: inout Int
    ) -> Int? {
        text.withSpan { text in
            var lead = range.lowerBound
            while lead < range.upperBound, text[lead] == 0x20 || text[lead] == 0x09 { lead += 1 }
            // No prefix begins with a digit or a plus, as nearly all numbers do.
            guard lead < range.upperBound, text[lead].isASCIILetter else { return nil }
            for index in prefixes.indices {
                let prefix = prefixes[index].text
                let end = lead + prefix.count
                guard end <= range.upperBound, ASCIIText.caselessEqual(text.extracting(lead..<end), prefix.span) else { continue }
                start = end
                return index
            }
            return nil
        }
    }

    private static func read(
        _ text: borrowing GrowableBytes, _ range: Range<Int>, _ kind: IdentifierKind, _ normaliser: inout Normaliser,
        _ candidates: inout CandidateKeys, _ normalForms: inout GrowableBytes
    ) throws(IdentifierProblem) -> Spelling {
        try text.withSpan { (text) throws(IdentifierProblem) in
            try normaliser.keys(of: text.extracting(range), kind: kind, into: &candidates, normalForm: &normalForms)
        }
    }

    private static func keep(_ text: borrowing GrowableBytes, _ range: Range<Int>, in normalForms: inout GrowableBytes) {
        text.withSpan { normalForms.append($0.extracting(range)) }
    }
}
