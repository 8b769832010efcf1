import Adapters
import Bytes
import Recipients

/// Recipients in texts inside of fields. ``NestedDocument`` reads them and ``NestedRewrite`` takes them out.
extension Inspector {
    /// Reads a body that is one MIME message, perhaps in base 64.
    mutating func readMessage(_ endpoint: Endpoint, query: Span<UInt8>, body: Span<UInt8>) throws(Refusal) {
        for slot in endpoint.slots.indices where endpoint.slots[slot].location == .body {
            text.reset(keeping: 1 << 20)
            text.append(body)
            try readNested(Nest(slot: slot, source: .body, node: -1, field: -1, raw: ByteRange(0..<body.count), coding: .plain), endpoint)
        }
        try readQuery(endpoint, query)
    }

    /// Notes every recipient in ``text``, the decoded value of a slot's place.
    /// - Parameters:
    ///   - nest: where it stands; its counts are set here.
    ///   - cut: for JSON, what goes with each of them: see ``RecipientFinding/dropped``.
    mutating func readNested(
        _ nest: Nest, _ endpoint: Endpoint, cut: (node: Int, list: Int) = (-1, -1)
    ) throws(Refusal) {
        guard let slot = endpoint.nested[nest.slot] else { throw .internalFault }
        do throws(NestedFault) {
            try Self.read(text, slot.place, endpoint.jsonLimits, room(nest.slot, endpoint), &nested)
        } catch { throw refusal(error, endpoint.slots[nest.slot].at) }
        let index = nests.count
        nests.append(nest)
        nests[index].count = nested.found.items.count
        let place = FormPlace(field: nest.field, numbers: nest.numbers)
        let first = findings.count
        for item in 0..<nested.found.items.count {
            text.reset()
            Self.copy(nested.found.texts, nested.found.items[item].text.range, to: &text)
            try addRecipient(slot: nest.slot, endpoint, span: nest.raw.range, source: nest.source, node: nest.node, cut: cut, place: place)
            findings[findings.count - 1].nest = index
            findings[findings.count - 1].nestItem = item
            // A header or a query is not written anew.
            findings[findings.count - 1].leavesNest = nest.source == .body && slot.whenEmpty != nil && !nested.isSealed && nested.found.items[item].canGo
        }
        for other in 0..<nested.found.others.count {
            text.reset()
            Self.copy(nested.found.texts, nested.found.others[other].text.range, to: &text)
            let suspect = suspects.count
            try addSuspects(endpoint, node: nest.node)
            let item = nested.found.others[other].item
            if item >= 0 { for index in suspect..<suspects.count { suspects[index].finding = first + item } }
        }
    }

    /// Takes one recipient out of the text it stands in.
    /// - Returns: false when that cannot be done, or nobody would be left to send to.
    mutating func shrinkNest(_ finding: RecipientFinding) -> Bool {
        guard finding.leavesNest, let slot = endpoint?.nested[nests[finding.nest].slot] else { return false }
        nests[finding.nest].left -= 1
        return nests[finding.nest].left > 0 || slot.whenEmpty == .keep
    }

    /// The changes to the body that take the blocked recipients out of the texts they stand in, ascending in each text.
    mutating func appendNestEdits(_ body: Span<UInt8>, to edits: inout [NestedEdit]) {
        guard let endpoint else { return }
        // The findings of a nest follow upon each other, and nests upon nests.
        var next = 0
        for index in nests.indices where nests[index].source == .body && !isInsideCut(nests[index].node) {
            guard let slot = endpoint.nested[nests[index].slot] else { continue }
            var items: [Int] = []
            while next < findings.count, findings[next].nest < index { next += 1 }
            while next < findings.count, findings[next].nest == index {
                if findings[next].leavesNest, findings[next].fate == .blocked { items.append(findings[next].nestItem) }
                next += 1
            }
            guard !items.isEmpty else { continue }
            let raw = nests[index].raw.range
            let outer = Self.decoded(body, raw, nests[index].coding)
            // What was read before can be read again. Were it not so, the text must not go on with anybody in it.
            guard let inner = NestedRewrite.edits(outer, slot.place, json: endpoint.jsonLimits, without: items) else {
                edits.append(NestedEdit(range: raw))
                continue
            }
            var escaped = EscapedText(raw, nests[index].coding)
            for edit in inner {
                let lower = escaped.offset(of: edit.range.lowerBound, in: body)
                let upper = escaped.offset(of: edit.range.upperBound, in: body)
                edits.append(NestedEdit(range: lower..<upper, replacement: Self.coded(edit.replacement, nests[index].coding)))
            }
        }
    }

    /// Appends `body` without ``ranges`` and with the changes to texts inside of fields.
    mutating func appendEdited(_ body: Span<UInt8>, into out: inout GrowableBytes) {
        var edits: [NestedEdit] = []
        appendNestEdits(body, to: &edits)
        appendEdited(body, edits, into: &out)
    }

    /// Appends `body` without ``ranges`` and with other changes, none of which overlap.
    func appendEdited(_ body: Span<UInt8>, _ changes: [NestedEdit], into out: inout GrowableBytes) {
        var edits = ranges.map { NestedEdit(range: $0.range) } + changes
        edits.sort { $0.range.lowerBound < $1.range.lowerBound }
        var from = 0
        for edit in edits {
            out.append(body.extracting(from..<edit.range.lowerBound))
            out.append(edit.replacement.span)
            from = edit.range.upperBound
        }
        out.append(body.extracting(from..<body.count))
    }

    private mutating func refusal(_ fault: NestedFault, _ place: String) -> Refusal {
        let refusal: Refusal
        switch fault {
        case .body(let cause):
            refusal = self.fault(cause)
            detail.append(" In ")
            detail.append(place)
            return refusal
        case .base64: refusal = .bodyMalformed
        case .identifier(.tooManyMailboxes): refusal = .recipientsTooMany
        case .identifier, .unusual: refusal = .recipientMalformed
        case .mistyped: refusal = .recipientMistyped
        case .misspelt: refusal = .nameMisspelt
        }
        detail.append(place)
        switch fault {
        case .base64: detail.append(": write base 64 in one line, with its padding and nothing behind it")
        case .identifier(let problem):
            detail.append(": ")
            detail.append(problem.message)
        case .unusual: detail.append(": parsers read this spelling in different ways; write addresses without comments, and names without addresses")
        case .mistyped: detail.append(": a value inside has another type")
        case .misspelt: detail.append(": a name inside differs in case or form")
        case .body: break
        }
        return refusal
    }

    // The following borrow single fields, so that the compiler sees that they do not overlap.

    private static func read(
        _ text: borrowing GrowableBytes, _ place: NestedPlace, _ limits: JSONLimits, _ limit: Int, _ nested: inout NestedDocument
    ) throws(NestedFault) {
        try text.withSpan { (text) throws(NestedFault) in try nested.read(text, place, json: limits, limit: limit) }
    }

    private static func copy(_ from: borrowing GrowableBytes, _ range: Range<Int>, to text: inout GrowableBytes) {
        from.withSpan { text.append($0.extracting(range)) }
    }

    /// The text that stands at `raw` of `body`.
    private static func decoded(_ body: Span<UInt8>, _ raw: Range<Int>, _ coding: TextCoding) -> [UInt8] {
        var out = GrowableBytes(capacity: max(raw.count, 1))
        coding.append(body.extracting(raw), to: &out)
        return out.withSpan { span in span.indices.map { span[$0] } }
    }

    /// Base 64 as it is written in a body of this coding.
    private static func coded(_ base64: [UInt8], _ coding: TextCoding) -> [UInt8] {
        guard coding == .form || coding == .path else { return base64 }
        return base64.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "+"): Array("%2B".utf8)
            case UInt8(ascii: "/"): Array("%2F".utf8)
            case UInt8(ascii: "="): Array("%3D".utf8)
            default: [byte]
            }
        }
    }
}
