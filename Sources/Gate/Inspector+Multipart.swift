import Adapters
import Bytes
import Recipients

/// Multipart bodies: forms in another coding.
extension Inspector {
    /// Reads a multipart body and the query: they are one list of fields to many servers, so they are one here.
    mutating func readMultipart(
        _ shape: FormShape, _ endpoint: Endpoint, boundary: Span<UInt8>, query: Span<UInt8>, body: Span<UInt8>
    ) throws(Refusal) {
        beginFields()
        var limits = MultipartLimits.standard
        limits.nameBytes = endpoint.formLimits.nameBytes
        do throws(BodyFault) { try multipart.scan(body, boundary: boundary, limits: limits) } catch { throw fault(error) }
        for index in 0..<multipart.count { try readPart(index, shape, endpoint, body) }
        if !shape.forks.isEmpty {
            for index in 0..<multipart.count {
                text.reset()
                text.append(body.extracting(multipart[index].name.range))
                noteForks(shape)
            }
            try checkForks(endpoint)
        }
        if shape.strip.hasAligned { try checkAlignedParts(shape.strip, endpoint, body) }
        if !query.isEmpty {
            try scanForm(query, endpoint)
            try readFields(shape, endpoint, query, .query)
        }
        try readAddresses(endpoint)
        try checkRequired(endpoint)
    }

    private mutating func readPart(_ index: Int, _ shape: FormShape, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        let part = multipart[index]
        var numbers = FormPattern.Numbers()
        switch shape.field(part.name.range, in: body, &numbers) {
        case .data: return
        case .part(let slot, let number):
            guard !part.isFile, part.isText else {
                detail.append(endpoint.slots[slot].at)
                detail.append(": recipients stand in parts that are plain text without a file name")
                throw .recipientMistyped
            }
            take(part, body)
            try notePart(slot, number, endpoint, .body, span: part.content.range)
        case .recipient(let slot):
            // To some servers a part with a file name is no field. A message is a file to all of them.
            guard !part.isFile && part.isText || endpoint.nested[slot]?.place.isFile ?? false else {
                detail.append(endpoint.slots[slot].at)
                detail.append(": recipients stand in a part that is plain text without a file name")
                throw .recipientMistyped
            }
            try noteSeen(slot, endpoint, numbers, .body)
            take(part, body)
            let place = FormPlace(field: index, numbers: numbers)
            try addRecipients(slot: slot, endpoint, place, .body, raw: part.content.range, .plain, in: body)
        case .override(let number):
            take(part, body)
            try checkOverride(shape.overrides[number], part.name.range, body)
        case .scheduled: if !part.content.isEmpty { try noteScheduled(endpoint) }
        case .unknown: try readUnknownPart(index, shape, endpoint, body)
        }
    }

    /// Copies what the part holds to ``text``.
    private mutating func take(_ part: MultipartPart, _ body: Span<UInt8>) {
        text.reset()
        text.append(body.extracting(part.content.range))
    }

    /// A part no name fits: perhaps a recipient in disguise, perhaps an address in a place nobody declared. Files pass unread.
    private mutating func readUnknownPart(_ index: Int, _ shape: FormShape, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        for number in shape.guarded.indices where multipart.isAlike(index, shape.guarded[number], in: body) {
            detail.append("this form has a part that some servers read as ")
            detail.append(shape.guarded[number].place)
            throw .nameMisspelt
        }
        if multipart.match(index, "_method", in: body) != .other { throw .methodOverride }
        let part = multipart[index]
        text.reset()
        text.append(body.extracting(part.name.range))
        let item = Self.item(text, shape.strip)
        let isCovered = Self.covers(text, shape)
        if IdentifierShape.mayHold(body.extracting(part.name.range)) { try addSuspects(endpoint, node: -1, item: item) }
        guard !part.isFile, !isCovered, IdentifierShape.mayHold(body.extracting(part.content.range)) else { return }
        text.reset()
        text.append(body.extracting(part.content.range))
        try addSuspects(endpoint, node: -1, item: item)
    }
}
