import Adapters
import Bytes
import Recipients

/// Postal addresses that stand in several members of one object, or in several fields.
extension Inspector {
    /// Reads the address in the members of the JSON object `node`, all of which were looked at: they are texts, numbers or null.
    mutating func readAddress(_ node: Int, _ at: Int, _ slot: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        beginAddress()
        var missing = -1
        for part in endpoint.slots[slot].parts.indices {
            let start = beginPart()
            let name = endpoint.slots[slot].parts[part].name
            if let child = json.member(named: name.span, of: node, in: body) {
                switch json[child].kind {
                case .string: json.appendString(child, in: body, to: &text)
                case .number: text.append(body.extracting(json[child].value.range))
                default: break
                }
            }
            if !finishPart(start), !endpoint.slots[slot].parts[part].isOptional, missing < 0 { missing = part }
        }
        var cut: (node: Int, list: Int) = (-1, -1)
        if let target = shape.nodes[at].dropped, let step = step(at: target) { cut = (step.node, step.list) }
        try addAddress(slot, endpoint, missing: missing, span: json[node].value.range, source: .body, node: node, cut: cut)
    }

    /// Notes the field of a form whose value is in ``text``.
    mutating func notePart(_ slot: Int, _ part: Int, _ endpoint: Endpoint, _ source: RecipientFinding.Source, span: Range<Int>) throws(Refusal) {
        guard !formParts.contains(where: { $0.slot == slot && $0.part == part }) else {
            appendPartName(slot, part, endpoint)
            throw .recipientRepeated
        }
        let start = formPartTexts.count
        Self.copy(text, 0..<text.count, to: &formPartTexts)
        formParts.append(FormPart(slot: slot, part: part, text: ByteRange(start..<formPartTexts.count), source: source, span: ByteRange(span)))
    }

    /// Reads the addresses whose fields were noted, once the whole form has been read.
    mutating func readAddresses(_ endpoint: Endpoint) throws(Refusal) {
        guard !formParts.isEmpty else { return }
        for slot in endpoint.slots.indices where !endpoint.slots[slot].parts.isEmpty {
            guard let first = formParts.first(where: { $0.slot == slot }) else { continue }
            beginAddress()
            var missing = -1
            for part in endpoint.slots[slot].parts.indices {
                let start = beginPart()
                if let found = formParts.first(where: { $0.slot == slot && $0.part == part }) {
                    Self.copy(formPartTexts, found.text.range, to: &text)
                }
                if !finishPart(start), !endpoint.slots[slot].parts[part].isOptional, missing < 0 { missing = part }
            }
            try addAddress(slot, endpoint, missing: missing, span: first.span.range, source: first.source, node: -1, cut: (-1, -1))
        }
    }

    private mutating func beginAddress() {
        text.reset()
        addressParts.removeAll(keepingCapacity: true)
    }

    /// - Returns: where the next part begins in ``text``.
    private mutating func beginPart() -> Int {
        if !addressParts.isEmpty { text.append(", ") }
        return text.count
    }

    /// Notes the part that begins at `start` of ``text``.
    /// - Returns: whether it says anything.
    private mutating func finishPart(_ start: Int) -> Bool {
        guard Self.hasWord(text, from: start) else {
            text.truncate(to: addressParts.last.map { Int($0.upper) } ?? 0)
            return false
        }
        addressParts.append(ByteRange(start..<text.count))
        return true
    }

    /// - Parameter missing: the first part that is not there but has to be; -1 when there is none.
    private mutating func addAddress(
        _ slot: Int, _ endpoint: Endpoint, missing: Int, span: Range<Int>, source: RecipientFinding.Source, node: Int, cut: (node: Int, list: Int)
    ) throws(Refusal) {
        // An object that says nothing of an address is none.
        if addressParts.isEmpty { return }
        guard missing < 0 else {
            appendPartName(slot, missing, endpoint)
            detail.append(": without it an address cannot be told from others")
            throw .recipientMissing
        }
        try addRecipient(slot: slot, endpoint, span: span, source: source, node: node, cut: cut)
    }

    /// Adds the keys and the normal form of the address in ``text``.
    mutating func readAddressKeys(_ place: String) throws(Refusal) {
        do throws(IdentifierProblem) {
            try Self.appendKeys(addressParts, text, &normaliser, &keys, &normalForms)
        } catch {
            detail.append(place)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
    }

    private mutating func appendPartName(_ slot: Int, _ part: Int, _ endpoint: Endpoint) {
        detail.append(endpoint.slots[slot].at)
        detail.append(".")
        let name = endpoint.slots[slot].parts[part].name
        detail.append(name.span)
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    /// Whether a letter, a digit or anything outside of ASCII stands there.
    private static func hasWord(_ text: borrowing GrowableBytes, from start: Int) -> Bool {
        text.withSpan { text in
            for index in start..<text.count where text[index].isASCIILetter || text[index].isASCIIDigit || text[index] >= 0x80 { return true }
            return false
        }
    }

    private static func copy(_ from: borrowing GrowableBytes, _ range: Range<Int>, to text: inout GrowableBytes) {
        from.withSpan { text.append($0.extracting(range)) }
    }

    private static func appendKeys(
        _ parts: [ByteRange], _ text: borrowing GrowableBytes, _ normaliser: inout Normaliser, _ keys: inout [RecipientKey], _ form: inout GrowableBytes
    ) throws(IdentifierProblem) {
        try text.withSpan { (text) throws(IdentifierProblem) in
            try normaliser.appendPostalKeys(ofParts: parts, in: text, to: &keys, normalForm: &form)
        }
    }
}
