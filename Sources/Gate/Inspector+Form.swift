import Adapters
import Bytes

extension Inspector {
    /// Reads a form body and the query: they are one list of fields to many servers, so they are one here.
    mutating func readForm(_ shape: FormShape, _ endpoint: Endpoint, query: Span<UInt8>, body: Span<UInt8>) throws(Refusal) {
        var seen: UInt64 = 0
        try readFields(shape, endpoint, body, .body, &seen)
        if !query.isEmpty { try readFields(shape, endpoint, query, .query, &seen) }
        for slot in endpoint.slots.indices where endpoint.slots[slot].isRequired && seen & (1 << UInt64(slot)) == 0 {
            detail.append(endpoint.slots[slot].at)
            throw .recipientMissing
        }
    }

    private mutating func readFields(
        _ shape: FormShape, _ endpoint: Endpoint, _ bytes: Span<UInt8>, _ source: RecipientFinding.Source, _ seen: inout UInt64
    ) throws(Refusal) {
        do throws(BodyFault) { try form.scan(bytes, limits: endpoint.formLimits) } catch { throw fault(error) }
        for index in 0..<form.count {
            let field = form[index]
            switch known(field, index, shape, bytes) {
            case .data: continue
            case .recipient(let slot):
                guard seen & (1 << UInt64(slot)) == 0 else {
                    detail.append(endpoint.slots[slot].at)
                    throw .recipientRepeated
                }
                seen |= 1 << UInt64(slot)
                text.reset()
                form.appendValue(index, in: bytes, to: &text)
                try addRecipient(slot: slot, endpoint, span: field.value.range, source: source, node: -1)
            case .unknown:
                try readUnknown(index, shape, endpoint, bytes)
            }
        }
    }

    /// Mutating although it changes nothing: for a borrowing call the compiler copies the whole inspector.
    private mutating func known(_ field: FormField, _ index: Int, _ shape: FormShape, _ bytes: Span<UInt8>) -> FormShape.Field {
        if !field.isNameEncoded && !field.isNameNonASCII { return shape.field(field.name.range, in: bytes) }
        for (slot, name) in shape.recipients.enumerated() where form.match(index, name.span, in: bytes) == .exact {
            return .recipient(slot)
        }
        for name in shape.data where form.match(index, name.span, in: bytes) == .exact { return .data }
        return .unknown
    }

    /// A field no name fits: perhaps a recipient in disguise, perhaps an address in a place nobody declared.
    private mutating func readUnknown(
        _ index: Int, _ shape: FormShape, _ endpoint: Endpoint, _ bytes: Span<UInt8>
    ) throws(Refusal) {
        for name in shape.recipients where form.match(index, name.span, in: bytes) != .other {
            detail.append("this form has a field that some servers read as ")
            detail.append(name.span)
            throw .nameMisspelt
        }
        if form.match(index, "_method", in: bytes) != .other { throw .methodOverride }
        let field = form[index]
        if IdentifierShape.mayHold(bytes.extracting(field.name.range)) {
            text.reset()
            form.appendName(index, in: bytes, to: &text)
            try addSuspects(endpoint, node: -1)
        }
        if IdentifierShape.mayHold(bytes.extracting(field.value.range)) {
            text.reset()
            form.appendValue(index, in: bytes, to: &text)
            try addSuspects(endpoint, node: -1)
        }
    }

    /// Reads the query string of a send whose body is JSON: no recipient may hide there.
    mutating func readQuery(_ shape: DocumentShape, _ endpoint: Endpoint, _ query: Span<UInt8>) throws(Refusal) {
        do throws(BodyFault) { try form.scan(query, limits: endpoint.formLimits) } catch { throw fault(error) }
        for index in 0..<form.count {
            for name in shape.recipientNames where form.match(index, name.span, in: query) != .other {
                detail.append(name.span)
                throw .recipientInQuery
            }
            guard IdentifierShape.mayHold(query.extracting(form[index].range)) else { continue }
            text.reset()
            form.appendName(index, in: query, to: &text)
            text.append(UInt8(ascii: ","))
            form.appendValue(index, in: query, to: &text)
            try addSuspects(endpoint, node: -1)
        }
    }
}
