import Adapters
import Bytes
import Recipients

/// A list that shrinks when recipients are taken out of it.
struct ListState {
    /// Items that are still in.
    var live: Int
    /// The tape node that goes when none is left, and the list that node is an item of (-1: none); `nil` rejects.
    var removal: (node: Int, list: Int)?
}

/// One value on the way from the body to where the walk stands.
struct TrailStep {
    var shape: Int
    var node: Int
    /// The list this value is an item of; -1 when it is none.
    var list: Int
}

extension Inspector {
    /// Reads a JSON body beside its shape.
    mutating func readJSON(_ shape: DocumentShape, _ endpoint: Endpoint, query: Span<UInt8>, body: Span<UInt8>) throws(Refusal) {
        if !query.isEmpty { try readQuery(shape, endpoint, query) }
        do throws(BodyFault) { try json.scan(body, limits: endpoint.jsonLimits) } catch { throw fault(error) }
        try walk(0, 0, list: -1, shape, endpoint, body)
    }

    /// Walks the value `node`, which stands where the shape has `at`. Goes no deeper than the shape does.
    private mutating func walk(
        _ node: Int, _ at: Int, list: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        trail.append(TrailStep(shape: at, node: node, list: list))
        switch shape.nodes[at].kind {
        case .object: try walkObject(node, at, shape, endpoint, body)
        case .array: try walkArray(node, at, shape, endpoint, body)
        case .recipient(let slot): try readSlot(node, slot, endpoint, body)
        case .override(let policy):
            let kind = json[node].kind
            if policy == .reject, kind != .false, kind != .null {
                appendKeyName(node, body)
                throw .overrideForbidden
            }
        case .data: break
        }
        trail.removeLast()
    }

    private mutating func walkObject(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard json[node].kind == .object else { return try mistyped(node, at, shape, endpoint, body) }
        var found: UInt64 = 0
        var hasOthers = false
        var child = node + 1
        let end = Int(json[node].end)
        while child < end {
            if let member = member(child, at, shape, body) {
                found |= 1 << UInt64(member)
                try walk(child, shape.nodes[at].members[member].node, list: -1, shape, endpoint, body)
            } else {
                hasOthers = true
                if !shape.nodes[at].isOpen { try readUnknown(child, endpoint, body) }
            }
            child = Int(json[child].end)
        }
        for member in shape.nodes[at].members.indices where found & (1 << UInt64(member)) == 0 {
            let name = shape.nodes[at].members[member].name
            let target = shape.nodes[at].members[member].node
            guard shape.nodes[target].leadsToRecipient || shape.nodes[target].leadsToOverride else { continue }
            if hasOthers, case .misspelt = json.look(up: name.span, of: node, in: body) {
                detail.append(name.span)
                throw .nameMisspelt
            }
            if shape.nodes[target].isRequired {
                detail.append(name.span)
                throw .recipientMissing
            }
        }
    }

    private mutating func walkArray(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard json[node].kind == .array, let items = shape.nodes[at].items else {
            return try mistyped(node, at, shape, endpoint, body)
        }
        if shape.nodes[at].isRequired, json[node].count == 0 {
            appendKeyName(node, body)
            throw .recipientMissing
        }
        var list = -1
        if let rule = shape.nodes[at].whenEmpty {
            list = lists.count
            var state = ListState(live: Int(json[node].count), removal: nil)
            if case .remove(let target) = rule, let step = trail.last(where: { $0.shape == target }) {
                state.removal = (step.node, step.list)
            }
            lists.append(state)
        }
        var child = node + 1
        let end = Int(json[node].end)
        while child < end {
            try walk(child, items, list: list, shape, endpoint, body)
            child = Int(json[child].end)
        }
    }

    /// A value of another kind than the shape says: refused on the way to a recipient, unknown text elsewhere.
    private mutating func mistyped(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard !shape.nodes[at].leadsToRecipient else {
            appendKeyName(node, body)
            throw .recipientMistyped
        }
        if !shape.nodes[at].isOpen { try readUnknown(node, endpoint, body) }
    }

    private mutating func readSlot(_ node: Int, _ slot: Int, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        text.reset()
        let span: Range<Int>
        switch json[node].kind {
        case .string:
            span = json[node].content
            json.appendString(node, in: body, to: &text)
        case .number where endpoint.slots[slot].kind == .phone && json[node].flags.contains(.plainInteger):
            span = json[node].value.range
            text.append(body.extracting(span))
        default:
            detail.append(endpoint.slots[slot].at)
            throw .recipientMistyped
        }
        try addRecipient(slot: slot, endpoint, span: span, source: .body, node: node)
    }

    /// Searches a subtree nobody declared for text that reads like an identifier, keys included.
    private mutating func readUnknown(_ root: Int, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        for node in root..<Int(json[root].end) {
            if IdentifierShape.mayHold(body.extracting(json[node].keyContent)) {
                text.reset()
                json.appendKey(node, in: body, to: &text)
                try addSuspects(endpoint, node: node)
            }
            if json[node].kind == .string, IdentifierShape.mayHold(body.extracting(json[node].content)) {
                text.reset()
                json.appendString(node, in: body, to: &text)
                try addSuspects(endpoint, node: node)
            }
        }
    }

    /// Which member of the shape the tape's member `child` is, by its unescaped key.
    private func member(_ child: Int, _ at: Int, _ shape: DocumentShape, _ body: Span<UInt8>) -> Int? {
        let isEscaped = json[child].flags.contains(.escapedKey)
        let key = body.extracting(json[child].keyContent)
        for member in shape.nodes[at].members.indices {
            let name = shape.nodes[at].members[member].name
            if isEscaped {
                // This one key only: a look-up through all of them, for each of them, would be quadratic.
                if json.hasKey(child, name.span, in: body) { return member }
            } else if key.count == name.count, ASCIIText.equal(key, name.span) {
                return member
            }
        }
        return nil
    }

    /// Fills in what goes when the recipient at the end of the trail is taken out.
    func place(_ finding: inout RecipientFinding, _ shape: DocumentShape) {
        guard let own = trail.last, let target = shape.nodes[own.shape].dropped,
            let step = trail.last(where: { $0.shape == target })
        else { return }
        finding.dropped = step.node
        finding.list = step.list
    }

    /// Names the value for a refusal: its key, or the key of the nearest value around it that has one.
    private mutating func appendKeyName(_ node: Int, _ body: Span<UInt8>) {
        var named = node
        while named > 0, !json[named].flags.contains(.member) { named = Int(json[named].parent) }
        if named != node { detail.append("an item of ") }
        json.appendKey(named, in: body, to: &detail)
    }
}
