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
        case .recipient(let slot): try readSlot(node, slot, shape, endpoint, body)
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
        let first = shape.nodes[at].members.lowerBound
        var found: UInt64 = 0
        var hasOthers = false
        var child = node + 1
        let end = Int(json[node].end)
        while child < end {
            if let member = member(child, at, shape, body) {
                found |= 1 << UInt64(member)
                try walk(child, shape.members[first + member].node, list: -1, shape, endpoint, body)
            } else {
                hasOthers = true
                if !shape.nodes[at].isOpen { try readUnknown(child, endpoint, body) }
            }
            child = Int(json[child].end)
        }
        let missing = shape.nodes[at].guarded & ~found
        if missing != 0 { try checkMissing(missing, node, at, hasOthers, shape, body) }
    }

    /// Looks whether the members that are not there are spelt otherwise, or must be there.
    @inline(never)
    private mutating func checkMissing(
        _ missing: UInt64, _ node: Int, _ at: Int, _ hasOthers: Bool, _ shape: DocumentShape, _ body: Span<UInt8>
    ) throws(Refusal) {
        let first = shape.nodes[at].members.lowerBound
        var missing = missing
        while missing != 0 {
            let member = shape.members[first + missing.trailingZeroBitCount]
            missing &= missing - 1
            let name = shape.names.text.span.extracting(shape.names.range(of: member.name))
            if hasOthers, case .misspelt = json.look(up: name, of: node, in: body) {
                detail.append(name)
                throw .nameMisspelt
            }
            if shape.nodes[member.node].isRequired {
                detail.append(name)
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

    private mutating func readSlot(
        _ node: Int, _ slot: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
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
        var cut: (node: Int, list: Int) = (-1, -1)
        // The recipient itself ends the trail.
        if let target = shape.nodes[trail[trail.count - 1].shape].dropped, let step = trail.last(where: { $0.shape == target }) {
            cut = (step.node, step.list)
        }
        try addRecipient(slot: slot, endpoint, span: span, source: .body, node: node, cut: cut)
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

    /// Which member of the shape the tape's member `child` is, by its unescaped key, counted from the object's first.
    /// Mutating although it changes nothing: for a borrowing call the compiler copies the whole inspector, at each member.
    private mutating func member(_ child: Int, _ at: Int, _ shape: DocumentShape, _ body: Span<UInt8>) -> Int? {
        guard json[child].flags.contains(.escapedKey) else {
            return shape.member(of: at, named: NameTable.Key(json[child].keyContent, in: body), in: body)
        }
        let members = shape.nodes[at].members
        for index in members {
            let name = shape.names.text.span.extracting(shape.names.range(of: shape.members[index].name))
            // This one key only: a look-up through all of them, for each of them, would be quadratic.
            if json.hasKey(child, name, in: body) { return index - members.lowerBound }
        }
        return nil
    }

    /// Names the value for a refusal: its key, or the key of the nearest value around it that has one.
    private mutating func appendKeyName(_ node: Int, _ body: Span<UInt8>) {
        var named = node
        while named > 0, !json[named].flags.contains(.member) { named = Int(json[named].parent) }
        if named != node { detail.append("an item of ") }
        json.appendKey(named, in: body, to: &detail)
    }
}
