/// Grows the tree of a ``DocumentShape`` from the paths of an adapter's file.
struct DocumentShapeBuilder {
    /// Node 0 is the whole body.
    var nodes: [Draft] = [Draft()]
    /// Names of every member on the way to a recipient.
    private(set) var recipientNames: [[UInt8]] = []

    /// A ``DocumentShape/Node`` while it grows.
    struct Draft {
        var slot: Int?
        var composed: Int?
        var isPart = false
        var isObject = false
        var members: [Member] = []
        var anyMember: Int?
        var keySlot: Int?
        var keyedSlot: Int?
        var items: Int?
        var override: Int?
        var mark: DocumentShape.Mark?
        var leadsToRecipient = false
        /// Whether a misspelt name on the way here is refused although no recipient stands here.
        var isGuarded = false
        var isRequired = false
        var needsRecipient = false
        var isOpen = false
        var whenEmpty: DocumentShape.WhenEmpty?
        var textWhenEmpty: DocumentShape.WhenEmpty?
        var dropped: Int?
        var alignedWith: Int?

        var isData: Bool {
            isOpen && slot == nil && !isPart && !isObject && items == nil && override == nil && mark == nil && alignedWith == nil
        }
    }

    struct Member {
        let name: [UInt8]
        let node: Int
    }

    init(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        try addRecipients(endpoint)
        for (index, text) in endpoint.data.enumerated() where !NestedSlot.isBehindDecoders(text) {
            try addData(FieldPath(text, path: "data[\(index)]"), place: "data[\(index)]")
        }
        for (index, override) in endpoint.overrides.enumerated() {
            // A switch may have several positions that turn it on.
            let isKnown = override.value != nil && endpoint.overrides[..<index].contains { $0.at == override.at && $0.value != nil }
            let leaf = try addMark(override.at, place: "overrides[\(index)].at", guarding: override.policy == .reject, isKnown: isKnown)
            if !isKnown { nodes[leaf].override = index }
        }
        if let scheduled = endpoint.scheduled {
            for (index, text) in scheduled.at.enumerated() {
                let leaf = try addMark(text, place: "scheduled.at[\(index)]", guarding: scheduled.policy == .reject)
                nodes[leaf].mark = scheduled.policy == .reject ? .scheduledForbidden : .scheduledAllowed
            }
        }
        if case .at(let text) = endpoint.idempotency {
            nodes[try addMark(text, place: "idempotency.at", guarding: false)].mark = .idempotencyKey
        }
        for (index, strip) in endpoint.strip.enumerated() where !NestedSlot.isNested(strip.remove, endpoint) {
            try addStrip(strip, index: index, endpoint: endpoint)
        }
        for node in nodes {
            if let slot = node.keySlot, !node.members.isEmpty {
                throw AdapterProblem("recipients[\(slot)].at", "every key of this map is a recipient: no path may name one of them")
            }
            guard node.members.count <= DocumentShape.memberLimit else {
                throw AdapterProblem("data", "more than \(DocumentShape.memberLimit) members of one object are named")
            }
            for member in node.members where nodes[member.node].leadsToRecipient && !recipientNames.contains(member.name) {
                recipientNames.append(member.name)
            }
        }
    }

    // MARK: Recipients

    private mutating func addRecipients(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        /// Innermost items around slots, and the nodes from there down to each.
        var items: [Int: [[Int]]] = [:]
        for (index, slot) in endpoint.recipients.enumerated() where slot.location == .body {
            let place = "recipients[\(index)].at"
            let path = try FieldPath(try Place(slot.at, path: place).base, path: place)
            let trail = try insert(path, place: place, isRecipient: true)
            guard let leaf = trail.last else { continue }
            let isKey = path.steps.last == .anyMember
            let holder = isKey ? (trail.dropLast().last ?? 0) : leaf
            let isComposed = !slot.parts.isEmpty
            guard (isKey ? nodes[holder].keySlot : isComposed ? nodes[holder].composed : nodes[holder].slot) == nil else {
                throw AdapterProblem(place, "'\(slot.at)' is named twice")
            }
            if isComposed {
                try addParts(slot, index, path, holder, place)
            } else if isKey { nodes[holder].keySlot = index } else { nodes[holder].slot = index }
            nodes[0].leadsToRecipient = true
            // A key's own value holds no recipient.
            let way = isKey ? Array(trail.dropLast()) : trail
            for node in way { nodes[node].leadsToRecipient = true }
            if slot.required { for node in way { nodes[node].isRequired = true } }
            let item = path.steps.prefix(way.count).lastIndex { $0 == .items || $0 == .anyMember }
            if let item { items[trail[item], default: []].append(Array(way[(item + 1)...])) }
        }
        // Inside an item of a list of recipients everything down to the identifier must be there; of several places for
        // one, at least one.
        for (item, ways) in items {
            if ways.count == 1 { for node in ways[0] { nodes[node].isRequired = true } } else { nodes[item].needsRecipient = true }
        }
    }

    /// Notes the members of the object at `path` that make up one postal address.
    private mutating func addParts(_ slot: RecipientSpec, _ index: Int, _ path: FieldPath, _ object: Int, _ place: String) throws(AdapterProblem) {
        nodes[object].composed = index
        for part in slot.parts {
            guard let leaf = try insert(FieldPath("x.\(part.name)", path: place).below(path), place: place, isRecipient: true).last else { continue }
            guard nodes[leaf].slot == nil else { throw AdapterProblem(place, "'\(part.name)' holds a recipient of its own: it cannot be part of one") }
            nodes[leaf].isPart = true
            nodes[leaf].leadsToRecipient = true
        }
    }

    // MARK: What is no recipient

    private mutating func addData(_ path: FieldPath, place: String) throws(AdapterProblem) {
        let trail = try insert(path, place: place)
        guard let leaf = trail.last else { return }
        guard nodes[leaf].slot == nil, !nodes[leaf].isPart, path.steps.last != .anyMember || nodes[trail.dropLast().last ?? 0].slot == nil else {
            throw AdapterProblem(place, "this place holds a recipient: it cannot be data")
        }
        nodes[leaf].isOpen = true
    }

    /// - Returns: the node of a place that says something, but holds no recipient.
    private mutating func addMark(
        _ text: String, place: String, guarding: Bool, isKnown: Bool = false
    ) throws(AdapterProblem) -> Int {
        let trail = try insert(FieldPath(text, path: place), place: place)
        guard let leaf = trail.last, isKnown || nodes[leaf].slot == nil && !nodes[leaf].isPart && nodes[leaf].override == nil && nodes[leaf].mark == nil else {
            throw AdapterProblem(place, "'\(text)' is named twice")
        }
        if guarding { for node in trail { nodes[node].isGuarded = true } }
        return leaf
    }

    // MARK: Paths

    /// The nodes along `path`, one for each step; missing ones are added.
    /// - Parameter isRecipient: whether a recipient stands at its end. Only such a path may give another form to a place
    ///   that leads to recipients: an object where lists were named would hide what it holds.
    mutating func insert(_ path: FieldPath, place: String, isRecipient: Bool = false) throws(AdapterProblem) -> [Int] {
        var trail: [Int] = []
        var at = 0
        for step in path.steps {
            let next: Int
            let hasForm = step == .items ? nodes[at].items != nil : nodes[at].isObject
            guard isRecipient || !nodes[at].leadsToRecipient || hasForm else {
                let form = nodes[at].items != nil ? "an array" : nodes[at].isObject ? "an object" : "a text"
                throw AdapterProblem(place, "a recipient's place calls this \(form)")
            }
            switch step {
            case .items:
                next = nodes[at].items ?? append(inside: at)
                nodes[at].items = next
            case .anyMember, .recipient:
                next = nodes[at].anyMember ?? append(inside: at)
                nodes[at].anyMember = next
                nodes[at].isObject = true
            case .member(let name):
                nodes[at].isObject = true
                let bytes = Array(name.utf8)
                if let known = nodes[at].members.first(where: { $0.name == bytes }) {
                    next = known.node
                } else {
                    next = append(inside: at)
                    nodes[at].members.append(Member(name: bytes, node: next))
                }
            }
            trail.append(next)
            at = next
        }
        return trail
    }

    /// A new node. Whatever stands in a place declared as data is data too, unless a path says more about it.
    private mutating func append(inside parent: Int) -> Int {
        var draft = Draft()
        draft.isOpen = nodes[parent].isOpen
        nodes.append(draft)
        return nodes.count - 1
    }

    /// The nodes along `path`, when all of them exist.
    func find(_ path: FieldPath) -> [Int]? {
        var trail: [Int] = []
        var at = 0
        for step in path.steps {
            let next: Int?
            switch step {
            case .items: next = nodes[at].items
            case .anyMember, .recipient: next = nodes[at].anyMember
            case .member(let name): next = nodes[at].members.first { $0.name == Array(name.utf8) }?.node
            }
            guard let next else { return nil }
            trail.append(next)
            at = next
        }
        return trail
    }
}
