import Adapters
import Bytes
import Recipients

/// Texts outside of JSON that may hold several recipients.
extension Inspector {
    /// Notes the recipients in ``text``, the decoded value of a slot's place.
    /// - Parameter raw: where the value stands in `bytes`, written in `coding`.
    mutating func addRecipients(
        slot index: Int, _ endpoint: Endpoint, _ place: FormPlace, _ source: RecipientFinding.Source, raw: Range<Int>, _ coding: TextCoding,
        in bytes: Span<UInt8>
    ) throws(Refusal) {
        if endpoint.nested[index] != nil {
            let nest = Nest(
                slot: index, source: source, node: -1, field: place.field, numbers: place.numbers, raw: ByteRange(raw), coding: coding)
            return try readNested(nest, endpoint)
        }
        guard endpoint.slots[index].holdsList else {
            return try addRecipient(slot: index, endpoint, span: raw, source: source, node: -1, place: place)
        }
        try takeApart(slot: index, endpoint)
        var escaped = EscapedText(raw, coding)
        var place = place
        for part in 0..<list.count {
            let range = list[part]
            let lower = escaped.offset(of: range.lowerBound, in: bytes)
            let upper = escaped.offset(of: range.upperBound, in: bytes)
            place.part = part
            try addRecipient(slot: index, endpoint, span: lower..<upper, source: source, node: -1, part: range, place: place)
        }
    }

    /// The same where nobody needs to know where each of them stands: all of them are found at `raw`.
    mutating func addRecipients(
        slot index: Int, _ endpoint: Endpoint, _ source: RecipientFinding.Source, raw: Range<Int>
    ) throws(Refusal) {
        if endpoint.nested[index] != nil {
            let nest = Nest(slot: index, source: source, node: -1, field: -1, raw: ByteRange(raw), coding: .plain)
            return try readNested(nest, endpoint)
        }
        guard endpoint.slots[index].holdsList else {
            return try addRecipient(slot: index, endpoint, span: raw, source: source, node: -1)
        }
        try takeApart(slot: index, endpoint)
        for part in 0..<list.count {
            try addRecipient(slot: index, endpoint, span: raw, source: source, node: -1, part: list[part])
        }
    }

    /// Takes ``text`` apart into ``list``.
    private mutating func takeApart(slot index: Int, _ endpoint: Endpoint) throws(Refusal) {
        do throws(IdentifierProblem) {
            try Self.take(text, apart: endpoint.slots[index].list, limit: endpoint.recipientLimit, &list)
        } catch {
            detail.append(endpoint.slots[index].at)
            detail.append(": ")
            detail.append(error.message)
            throw error == .tooManyMailboxes ? .recipientsTooMany : .recipientMalformed
        }
        guard list.isDense || !endpoint.slots[index].hasAligned else {
            detail.append(endpoint.slots[index].at)
            detail.append(": an empty part does not line up with the other lists")
            throw .recipientMalformed
        }
        for part in 0..<list.count where !list.isAgreed(part) {
            detail.append(endpoint.slots[index].at)
            detail.append(": parsers read this spelling in different ways; write the bare address in plain characters")
            throw .recipientMalformed
        }
    }

    // Borrows single fields, so that the compiler sees that they do not overlap.
    private static func take(
        _ text: borrowing GrowableBytes, apart syntax: RecipientSpec.ListSyntax, limit: Int, _ list: inout TextList
    ) throws(IdentifierProblem) {
        try text.withSpan { (text) throws(IdentifierProblem) in try list.read(text, syntax, limit: limit) }
    }
}
