import Adapters
import Bytes
import Recipients

/// The values a JSON body holds where its shape has no object and no array.
extension Inspector {
    /// A value that is neither an object nor an array nor a text the shape expects here.
    @inline(never)
    mutating func walkOther(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        if let override = shape.nodes[at].override { return try readOverrides(node, override, shape, endpoint, body) }
        if let mark = shape.nodes[at].mark { return try readMark(node, mark, body) }
        if shape.nodes[at].alignedWith != nil { return try readAligned(node, at, shape, endpoint, body) }
        if let slot = shape.nodes[at].slot, takes(json[node].kind, slot, endpoint) || isPhoneNumber(node, slot, endpoint) {
            return try readSlot(node, at, shape, endpoint, body)
        }
        guard shape.nodes[at].leadsToRecipient else {
            if !shape.nodes[at].isOpen { try readUnknown(node, endpoint, body) }
            return
        }
        // Nobody is null; an item that is null is one that was lost.
        guard json[node].kind == .null, json[node].flags.contains(.member) else {
            if let slot = shape.nodes[at].slot { detail.append(endpoint.slots[slot].at) } else { appendKeyName(node, body) }
            throw .recipientMistyped
        }
        guard !shape.nodes[at].isRequired else {
            appendKeyName(node, body)
            throw .recipientMissing
        }
    }

    /// An id that only the provider understands may be anything but nothing.
    private mutating func takes(_ kind: JSONNode.Kind, _ slot: Int, _ endpoint: Endpoint) -> Bool {
        endpoint.slots[slot].opaque != nil && kind != .null
    }

    private mutating func isPhoneNumber(_ node: Int, _ slot: Int, _ endpoint: Endpoint) -> Bool {
        json[node].kind == .number && json[node].flags.contains(.plainInteger) && endpoint.slots[slot].kind == .phone
    }

    /// A recipient, or a text that holds several.
    mutating func readSlot(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard let slot = shape.nodes[at].slot else { return }
        text.reset()
        var span = json[node].value.range
        if json[node].kind == .string {
            span = json[node].content
            json.appendString(node, in: body, to: &text)
            // A field for somebody that names nobody.
            if !shape.nodes[at].isRequired, json[node].flags.contains(.member), Self.isBlank(text) { return }
        } else {
            text.append(body.extracting(span))
        }
        var cut: (node: Int, list: Int) = (-1, -1)
        if let rule = shape.nodes[at].textWhenEmpty {
            if json[node].kind == .string { return try readList(node, slot, rule, endpoint, body) }
            // A number is a list of one that goes as a whole.
            cut = (node, openList(rule, live: 1))
        } else if let target = shape.nodes[at].dropped, let step = step(at: target) {
            cut = (step.node, step.list)
        }
        if endpoint.nested[slot] != nil, json[node].kind == .string {
            let nest = Nest(slot: slot, source: .body, node: node, field: -1, raw: ByteRange(span), coding: .json)
            return try readNested(nest, endpoint, cut: cut)
        }
        let list = endpoint.slots[slot].list
        if list != .one, list != .mailbox, json[node].kind == .string {
            return try readPieces(node, slot, list, cut, endpoint, body)
        }
        try addRecipient(slot: slot, endpoint, span: span, source: .body, node: node, cut: cut)
        // What an id holds may be what somebody goes by.
        if json[node].kind == .object || json[node].kind == .array { try readUnknown(node, endpoint, body) }
    }

    private mutating func readOverrides(
        _ node: Int, _ first: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        var override = first
        while true {
            try readOverride(node, shape.overrides[override], endpoint, body)
            guard let next = shape.overrides[override].next else { return }
            override = next
        }
    }

    private mutating func readOverride(
        _ node: Int, _ override: DocumentShape.Override, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        let kind = json[node].kind
        guard override.policy == .reject, kind != .null else { return }
        var isOn = kind != .false
        if let value = override.value, kind != .object, kind != .array {
            text.reset()
            if kind == .string {
                json.appendString(node, in: body, to: &text)
            } else {
                text.append(body.extracting(json[node].value.range))
            }
            isOn = text.withSpan { SwitchValue.isOn($0, value) }
        }
        guard isOn else { return }
        appendKeyName(node, body)
        throw .overrideForbidden
    }

    private mutating func readMark(_ node: Int, _ mark: DocumentShape.Mark, _ body: Span<UInt8>) throws(Refusal) {
        guard json[node].kind != .null else { return }
        switch mark {
        case .scheduledAllowed: isScheduled = true
        case .scheduledForbidden:
            appendKeyName(node, body)
            throw .scheduledForbidden
        // The data plane reads it itself.
        case .idempotencyKey: break
        }
    }

    /// Searches a subtree nobody declared for text that reads like an identifier, keys included.
    mutating func readUnknown(_ root: Int, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        for node in root..<Int(json[root].end) {
            try readUnknownKey(node, endpoint, body)
            switch json[node].kind {
            case .string where IdentifierShape.mayHold(body.extracting(json[node].content)):
                text.reset()
                json.appendString(node, in: body, to: &text)
                try addSuspects(endpoint, node: node)
            // Loosely typed senders write phone numbers as numbers.
            case .number
            where json[node].flags.contains(.plainInteger) && IdentifierShape.mayHold(body.extracting(json[node].value.range)):
                text.reset()
                text.append(body.extracting(json[node].value.range))
                try addSuspects(endpoint, node: node)
            default: break
            }
        }
    }

    mutating func readUnknownKey(_ node: Int, _ endpoint: Endpoint, _ body: Span<UInt8>) throws(Refusal) {
        guard IdentifierShape.mayHold(body.extracting(json[node].keyContent)) else { return }
        text.reset()
        json.appendKey(node, in: body, to: &text)
        try addSuspects(endpoint, node: node)
    }

    private static func isBlank(_ text: borrowing GrowableBytes) -> Bool {
        text.withSpan { text in
            for index in text.indices where text[index] != 0x20 && text[index] != 0x09 { return false }
            return true
        }
    }
}
