import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Reads a JSON body beside its shape.
    mutating func readJSON(_ shape: DocumentShape, _ endpoint: Endpoint, query: Span<UInt8>, body: Span<UInt8>) throws(Refusal) {
        if !query.isEmpty { try readQuery(shape, endpoint, query) }
        do throws(BodyFault) { try json.scan(body, limits: endpoint.jsonLimits) } catch { throw fault(error) }
        try walk(0, 0, list: -1, shape, endpoint, body)
        if !alignedTexts.isEmpty { try checkAligned(endpoint) }
    }

    /// Walks the value `node`, which stands where the shape has `at`. Goes no deeper than the shape does.
    private mutating func walk(
        _ node: Int, _ at: Int, list: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        trail.append(TrailStep(shape: at, node: node, list: list))
        let before = findings.count
        switch json[node].kind {
        case .object where shape.nodes[at].isObject: try walkObject(node, at, shape, endpoint, body)
        case .array where shape.nodes[at].items != nil: try walkArray(node, at, shape, endpoint, body)
        case .string where shape.nodes[at].slot != nil: try readSlot(node, at, shape, endpoint, body)
        case .string where shape.nodes[at].isPart, .number where shape.nodes[at].isPart: break
        default: try walkOther(node, at, shape, endpoint, body)
        }
        if shape.nodes[at].needsRecipient, findings.count == before {
            appendKeyName(node, body)
            throw .recipientMissing
        }
        trail.truncate(to: trail.count - 1)
    }

    private mutating func walkObject(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        let first = shape.nodes[at].members.lowerBound
        var found: UInt64 = 0
        var hasOthers = false
        var list = -1
        if let rule = shape.nodes[at].whenEmpty { list = openList(rule, live: Int(json[node].count)) }
        var child = node + 1
        let end = Int(json[node].end)
        while child < end {
            if let member = member(child, at, shape, body) {
                found |= 1 << UInt64(member)
                let target = shape.members[first + member].node
                if !shape.nodes[target].isData { try walk(child, target, list: list, shape, endpoint, body) }
            } else {
                hasOthers = true
                if let any = shape.nodes[at].anyMember {
                    try walkMapMember(child, any, at, list: list, shape, endpoint, body)
                } else if !shape.nodes[at].isOpen {
                    try readUnknown(child, endpoint, body)
                }
            }
            child = Int(json[child].end)
        }
        if let slot = shape.nodes[at].composed { try readAddress(node, at, slot, shape, endpoint, body) }
        // Where every member is known, none of them is spelt otherwise.
        let missing = (hasOthers ? shape.nodes[at].guarded : shape.nodes[at].required) & ~found
        if missing != 0 { try checkMissing(missing, found, node, at, hasOthers, shape, body) }
        if shape.nodes[at].keySlot != nil, shape.nodes[at].isRequired, json[node].count == 0 {
            appendKeyName(node, body)
            throw .recipientMissing
        }
    }

    /// A member of a map: its key may be anybody's.
    private mutating func walkMapMember(
        _ child: Int, _ any: Int, _ map: Int, list: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        if let slot = shape.nodes[map].keySlot {
            text.reset()
            json.appendKey(child, in: body, to: &text)
            var cut: (node: Int, list: Int) = (-1, -1)
            if let target = shape.nodes[any].dropped {
                if target == any {
                    cut = (child, list)
                } else if let step = step(at: target) {
                    cut = (step.node, step.list)
                }
            }
            try addRecipient(slot: slot, endpoint, span: json[child].keyContent, source: .body, node: child, cut: cut)
        } else if let slot = shape.nodes[map].keyedSlot {
            text.reset()
            json.appendKey(child, in: body, to: &text)
            try addKeyed(slot: slot, endpoint, node: child)
        } else if !shape.nodes[any].isOpen {
            try readUnknownKey(child, endpoint, body)
        }
        try walk(child, any, list: list, shape, endpoint, body)
    }

    /// Looks whether the members that are not there are spelt otherwise, or must be there.
    @inline(never)
    private mutating func checkMissing(
        _ missing: UInt64, _ found: UInt64, _ node: Int, _ at: Int, _ hasOthers: Bool, _ shape: DocumentShape, _ body: Span<UInt8>
    ) throws(Refusal) {
        let first = shape.nodes[at].members.lowerBound
        var missing = missing
        while missing != 0 {
            let member = shape.members[first + missing.trailingZeroBitCount]
            missing &= missing - 1
            if member.otherSpellings & found != 0 { continue }
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
        guard let items = shape.nodes[at].items else { return }
        if shape.nodes[at].isRequired, json[node].count == 0 {
            appendKeyName(node, body)
            throw .recipientMissing
        }
        var list = -1
        if let rule = shape.nodes[at].whenEmpty { list = openList(rule, live: Int(json[node].count)) }
        var child = node + 1
        let end = Int(json[node].end)
        while child < end {
            try walk(child, items, list: list, shape, endpoint, body)
            child = Int(json[child].end)
        }
    }

    /// The innermost value on the way here that stands at the shape node. Mutating although it changes nothing: for a borrowing call
    /// the compiler copies the whole inspector.
    mutating func step(at target: Int) -> TrailStep? {
        var index = trail.count
        while index > 0 {
            index -= 1
            if trail[index].shape == target { return trail[index] }
        }
        return nil
    }

    /// Notes a list whose items may be taken out.
    /// - Precondition: ``trail`` ends with the list.
    mutating func openList(_ rule: DocumentShape.WhenEmpty, live: Int) -> Int {
        var whenEmpty = ListState.WhenEmpty.reject
        switch rule {
        case .reject: break
        case .keep: whenEmpty = .keep
        case .remove(let target):
            if let step = step(at: target) { whenEmpty = .remove(node: step.node, list: step.list) }
        }
        lists.append(ListState(live: live, whenEmpty: whenEmpty))
        return lists.count - 1
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
    mutating func appendKeyName(_ node: Int, _ body: Span<UInt8>) {
        var named = node
        while named > 0, !json[named].flags.contains(.member) { named = Int(json[named].parent) }
        if named != node { detail.append("an item of ") }
        if named == 0 { detail.append("the list") } else { json.appendKey(named, in: body, to: &detail) }
    }
}
