import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Reads a form body and the query: they are one list of fields to many servers, so they are one here.
    mutating func readForm(_ shape: FormShape, _ endpoint: Endpoint, query: Span<UInt8>, body: Span<UInt8>) throws(Refusal) {
        beginFields()
        try scanForm(body, endpoint)
        try readFields(shape, endpoint, body, .body)
        if !query.isEmpty {
            try scanForm(query, endpoint)
            try readFields(shape, endpoint, query, .query)
        }
        try readAddresses(endpoint)
        try checkRequired(endpoint)
    }

    /// Reads the query string of a send without a body: it is a form of its own.
    mutating func readQuery(_ endpoint: Endpoint, _ query: Span<UInt8>) throws(Refusal) {
        beginFields()
        try scanForm(query, endpoint)
        if let shape = endpoint.query { try readFields(shape, endpoint, query, .query) }
        try checkRequired(endpoint)
    }

    /// Forgets which fields were seen.
    mutating func beginFields() {
        numbered.reset()
        forked = 0
        if !formParts.isEmpty { formParts.removeAll(keepingCapacity: true) }
        formPartTexts.reset(keeping: 4096)
    }

    mutating func scanForm(_ bytes: Span<UInt8>, _ endpoint: Endpoint) throws(Refusal) {
        do throws(BodyFault) { try form.scan(bytes, limits: endpoint.formLimits) } catch { throw fault(error) }
    }

    /// - Parameter outsideOfBody: leaves out what stands in the body.
    mutating func checkRequired(_ endpoint: Endpoint, outsideOfBody: Bool = false) throws(Refusal) {
        for slot in endpoint.slots.indices where endpoint.slots[slot].isRequired && filled & (1 << UInt64(slot)) == 0 {
            if outsideOfBody, endpoint.slots[slot].location == .body { continue }
            detail.append(endpoint.slots[slot].at)
            throw .recipientMissing
        }
    }

    mutating func readFields(
        _ shape: FormShape, _ endpoint: Endpoint, _ bytes: Span<UInt8>, _ source: RecipientFinding.Source
    ) throws(Refusal) {
        for index in 0..<form.count {
            let field = form[index]
            var numbers = FormPattern.Numbers()
            switch known(field, index, shape, bytes, &numbers) {
            case .data: continue
            case .recipient(let slot):
                try noteSeen(slot, endpoint, numbers, source)
                text.reset()
                form.appendValue(index, in: bytes, to: &text)
                let place = FormPlace(field: index, numbers: numbers)
                try addRecipients(slot: slot, endpoint, place, source, raw: field.value.range, .form, in: bytes)
            case .part(let slot, let part):
                text.reset()
                form.appendValue(index, in: bytes, to: &text)
                try notePart(slot, part, endpoint, source, span: field.value.range)
            case .override(let number):
                text.reset()
                form.appendValue(index, in: bytes, to: &text)
                try checkOverride(shape.overrides[number], field.name.range, bytes)
            case .scheduled: if !field.value.isEmpty { try noteScheduled(endpoint) }
            case .unknown: try readUnknown(index, shape, endpoint, bytes, source)
            }
        }
        try readForks(shape, endpoint, bytes)
        if shape.strip.hasAligned { try checkAligned(shape.strip, endpoint, bytes, source) }
    }

    /// Refuses the form scanned last if one of its places is a text and has fields below it.
    private mutating func readForks(_ shape: FormShape, _ endpoint: Endpoint, _ bytes: Span<UInt8>) throws(Refusal) {
        guard !shape.forks.isEmpty else { return }
        for index in 0..<form.count {
            text.reset()
            form.appendName(index, in: bytes, to: &text)
            noteForks(shape)
        }
        try checkForks(endpoint)
    }

    /// Notes the places that the field whose name is ``text`` stands below.
    mutating func noteForks(_ shape: FormShape) {
        for index in shape.forks.indices where Self.leads(shape.forks[index], to: text) { forked |= 1 << UInt64(shape.forks[index].slot) }
    }

    private static func leads(_ fork: FormShape.Fork, to name: borrowing GrowableBytes) -> Bool { name.withSpan { fork.leads(to: $0) } }

    /// Refuses a place that is a text and has fields below it: servers keep the one or the other.
    mutating func checkForks(_ endpoint: Endpoint) throws(Refusal) {
        let both = forked & (seenSlots | filled)
        guard both == 0 else {
            detail.append(endpoint.slots[both.trailingZeroBitCount].at)
            detail.append(" is one text and has fields below it: send either")
            throw .nameMisspelt
        }
    }

    /// Mutating although it changes nothing but scratch space: for a borrowing call the compiler copies the whole inspector.
    private mutating func known(
        _ field: FormField, _ index: Int, _ shape: FormShape, _ bytes: Span<UInt8>, _ numbers: inout FormPattern.Numbers
    ) -> FormShape.Field {
        if !field.isNameEncoded && !field.isNameNonASCII { return shape.field(field.name.range, in: bytes, &numbers) }
        text.reset()
        form.appendName(index, in: bytes, to: &text)
        return Self.known(text, shape, &numbers)
    }

    private static func known(_ name: borrowing GrowableBytes, _ shape: FormShape, _ numbers: inout FormPattern.Numbers) -> FormShape.Field {
        name.withSpan { shape.field(0..<$0.count, in: $0, &numbers) }
    }

    /// Refuses a recipient field that servers read in two ways: one that is there twice, or in a place of its own.
    mutating func noteSeen(
        _ slot: Int, _ endpoint: Endpoint, _ numbers: FormPattern.Numbers, _ source: RecipientFinding.Source
    ) throws(Refusal) {
        if endpoint.slots[slot].location == .query, source != .query {
            detail.append("this field belongs in the query string: ")
            detail.append(endpoint.slots[slot].at)
            throw .nameMisspelt
        }
        let isNew: Bool
        if endpoint.slots[slot].isNumbered {
            isNew = numbered.insert(slot: slot, numbers)
        } else {
            isNew = endpoint.slots[slot].repeats || seenSlots & (1 << UInt64(slot)) == 0
            seenSlots |= 1 << UInt64(slot)
        }
        guard isNew else {
            detail.append(endpoint.slots[slot].at)
            throw .recipientRepeated
        }
    }

    /// Refuses a switch that is on, its value in ``text``, if policy forbids it.
    mutating func checkOverride(_ override: FormShape.Override, _ name: Range<Int>, _ bytes: Span<UInt8>) throws(Refusal) {
        guard override.policy == .reject, Self.isOn(text, override) else { return }
        detail.append(bytes.extracting(name))
        throw .overrideForbidden
    }

    private static func isOn(_ text: borrowing GrowableBytes, _ override: FormShape.Override) -> Bool {
        text.withSpan { SwitchValue.isOn($0, override.value) }
    }

    mutating func noteScheduled(_ endpoint: Endpoint) throws(Refusal) {
        isScheduled = true
        if endpoint.scheduled?.policy == .reject { throw .scheduledForbidden }
    }

    /// A field no name fits: perhaps a recipient in disguise, perhaps an address in a place nobody declared.
    private mutating func readUnknown(
        _ index: Int, _ shape: FormShape, _ endpoint: Endpoint, _ bytes: Span<UInt8>, _ source: RecipientFinding.Source
    ) throws(Refusal) {
        try checkGuarded(index, shape, bytes)
        if form.match(index, "_method", in: bytes) != .other { throw .methodOverride }
        let field = form[index]
        let hasName = IdentifierShape.mayHold(bytes.extracting(field.name.range))
        let hasValue = IdentifierShape.mayHold(bytes.extracting(field.value.range))
        guard hasName || hasValue else { return }
        text.reset()
        form.appendName(index, in: bytes, to: &text)
        let item = source == .body ? Self.item(text, shape.strip) : nil
        let isCovered = Self.covers(text, shape)
        if hasName { try addSuspects(endpoint, node: -1, item: item) }
        if hasValue, !isCovered {
            text.reset()
            form.appendValue(index, in: bytes, to: &text)
            try addSuspects(endpoint, node: -1, item: item)
        }
    }

    /// Refuses an unknown field that looks like one of those that decide.
    private mutating func checkGuarded(_ index: Int, _ shape: FormShape, _ bytes: Span<UInt8>) throws(Refusal) {
        for number in shape.guarded.indices where form.isAlike(index, shape.guarded[number], in: bytes) {
            detail.append("this form has a field that some servers read as ")
            detail.append(shape.guarded[number].place)
            throw .nameMisspelt
        }
    }

    /// The innermost numbered item that the field called `name` stands in.
    static func item(_ name: borrowing GrowableBytes, _ strip: FormStrip) -> FormCuts.Item? {
        guard !strip.rules.isEmpty else { return nil }
        return name.withSpan { name in
            var best: FormCuts.Item?
            for rule in strip.rules.indices where strip.rules[rule].isNumbered {
                var numbers = FormPattern.Numbers()
                guard strip.rules[rule].place.holds(name, &numbers) else { continue }
                if let best, strip.rules[best.rule].place.numbers > strip.rules[rule].place.numbers { continue }
                best = FormCuts.Item(rule, strip, numbers, field: -1)
            }
            return best
        }
    }

    static func covers(_ name: borrowing GrowableBytes, _ shape: FormShape) -> Bool { name.withSpan { shape.covers($0) } }

    /// Reads the query string of a send whose body is no form: only what the adapter says stands there may be a recipient.
    mutating func readQuery(_ shape: DocumentShape, _ endpoint: Endpoint, _ query: Span<UInt8>) throws(Refusal) {
        try scanForm(query, endpoint)
        beginFields()
        for index in 0..<form.count {
            if let known = endpoint.query, try readKnown(index, known, endpoint, query) { continue }
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
        if let known = endpoint.query { try readForks(known, endpoint, query) }
    }

    /// - Returns: whether the field is one that the query's own shape names.
    private mutating func readKnown(_ index: Int, _ shape: FormShape, _ endpoint: Endpoint, _ query: Span<UInt8>) throws(Refusal) -> Bool {
        var numbers = FormPattern.Numbers()
        let field = form[index]
        guard case .recipient(let slot) = known(field, index, shape, query, &numbers) else {
            try checkGuarded(index, shape, query)
            return false
        }
        try noteSeen(slot, endpoint, numbers, .query)
        text.reset()
        form.appendValue(index, in: query, to: &text)
        let place = FormPlace(field: index, numbers: numbers)
        try addRecipients(slot: slot, endpoint, place, .query, raw: field.value.range, .form, in: query)
        return true
    }
}
