/// Grows the tree of a ``DocumentShape`` from the paths of an adapter's file.
struct DocumentShapeBuilder {
    /// Node 0 is the whole body.
    private(set) var nodes: [Draft] = [Draft(kind: .object)]

    struct Draft {
        var kind: DocumentShape.Kind
        var members: [Member] = []
        /// For arrays: the shape of every item.
        var items: Int?
        var leadsToRecipient = false
        var leadsToOverride = false
        var isRequired = false
        var isOpen = false
        var whenEmpty: DocumentShape.WhenEmpty?
        var dropped: Int?

        init(kind: DocumentShape.Kind) { self.kind = kind }
    }

    struct Member {
        let name: [UInt8]
        let node: Int
    }

    /// Names of every member on the way to a recipient.
    private(set) var recipientNames: [[UInt8]] = []

    init(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        for (index, slot) in endpoint.recipients.enumerated() {
            try addRecipient(slot, index: index)
        }
        for (index, text) in endpoint.data.enumerated() {
            try addData(FieldPath(text, path: "data[\(index)]"), place: "data[\(index)]")
        }
        for (index, override) in endpoint.overrides.enumerated() {
            let place = "overrides[\(index)].at"
            let trail = try insert(FieldPath(override.at, path: place), place: place)
            guard let leaf = trail.last, nodes[leaf].kind == .data else {
                throw AdapterProblem(place, "'\(override.at)' is named twice")
            }
            nodes[leaf].kind = .override(override.policy)
            if override.policy == .reject { for node in trail + [0] { nodes[node].leadsToOverride = true } }
        }
        for (index, strip) in endpoint.strip.enumerated() { try addStrip(strip, index: index, endpoint: endpoint) }
        for node in nodes {
            guard node.members.count <= DocumentShape.memberLimit else {
                throw AdapterProblem("data", "more than \(DocumentShape.memberLimit) members of one object are named")
            }
            for member in node.members where nodes[member.node].leadsToRecipient && !recipientNames.contains(member.name) {
                recipientNames.append(member.name)
            }
        }
    }

    private mutating func addRecipient(_ slot: RecipientSpec, index: Int) throws(AdapterProblem) {
        let place = "recipients[\(index)].at"
        let path = try FieldPath(slot.at, path: place)
        let trail = try insert(path, place: place)
        guard let leaf = trail.last, nodes[leaf].kind == .data else {
            throw AdapterProblem(place, "'\(slot.at)' is named twice")
        }
        nodes[leaf].kind = .recipient(index)
        nodes[0].leadsToRecipient = true
        let lastItems = path.steps.lastIndex(of: .items) ?? -1
        for (step, node) in trail.enumerated() {
            nodes[node].leadsToRecipient = true
            // Inside an item of a list of recipients everything down to the identifier must be there; around it only
            // when the slot as a whole is required.
            if case .member = path.steps[step], slot.required || step > lastItems && lastItems >= 0 { nodes[node].isRequired = true }
        }
    }

    private mutating func addData(_ path: FieldPath, place: String) throws(AdapterProblem) {
        let leaf = try insert(path, place: place).last ?? 0
        switch nodes[leaf].kind {
        case .object, .data: nodes[leaf].isOpen = true
        default: throw AdapterProblem(place, "this place holds a recipient: it cannot be data")
        }
    }

    private mutating func addStrip(_ strip: StripSpec, index: Int, endpoint: EndpointSpec) throws(AdapterProblem) {
        let place = "strip[\(index)]"
        let path = try FieldPath(strip.remove, path: "\(place).remove")
        guard path.steps.last == .items, let trail = find(path), trail.count >= 2 else {
            throw AdapterProblem("\(place).remove", "'\(strip.remove)' must be the items of a list on the way to a recipient")
        }
        let item = trail[trail.count - 1], list = trail[trail.count - 2]
        guard nodes[list].leadsToRecipient else {
            throw AdapterProblem("\(place).remove", "'\(strip.remove)' holds no recipient")
        }
        switch strip.whenEmpty {
        case .keep: break
        case .reject: nodes[list].whenEmpty = .reject
        case .remove(let text):
            let target = try FieldPath(text, path: "\(place).when_empty")
            guard target.isAncestor(of: path), let found = find(target)?.last, found != 0 else {
                throw AdapterProblem("\(place).when_empty", "must be reject, or the list or something around it")
            }
            nodes[list].whenEmpty = .remove(found)
        }
        // Every recipient inside the item goes with the innermost item that may go.
        for (slot, spec) in endpoint.recipients.enumerated() {
            let at = try FieldPath(spec.at, path: "recipients[\(slot)].at")
            guard path.isAncestor(of: at) || path == at, let leaf = find(at)?.last else { continue }
            if let current = nodes[leaf].dropped, current > item { continue }
            nodes[leaf].dropped = item
        }
    }

    /// The nodes along `path`, one for each step; missing ones are added as data.
    private mutating func insert(_ path: FieldPath, place: String) throws(AdapterProblem) -> [Int] {
        var trail: [Int] = []
        var at = 0
        for step in path.steps {
            let next: Int
            switch step {
            case .anyMember, .recipient: throw AdapterProblem(place, "maps cannot be judged by this version")
            case .items:
                switch nodes[at].kind {
                case .array: break
                case .data where nodes[at].members.isEmpty: nodes[at].kind = .array
                default: throw AdapterProblem(place, "one path calls this an array, another one calls it something else")
                }
                if let known = nodes[at].items {
                    next = known
                } else {
                    next = append(inside: at)
                    nodes[at].items = next
                }
            case .member(let name):
                switch nodes[at].kind {
                case .object: break
                case .data: nodes[at].kind = .object
                default: throw AdapterProblem(place, "one path calls this an object, another one calls it something else")
                }
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
        nodes.append(Draft(kind: .data))
        nodes[nodes.count - 1].isOpen = nodes[parent].isOpen
        return nodes.count - 1
    }

    /// The nodes along `path`, when all of them exist.
    private func find(_ path: FieldPath) -> [Int]? {
        var trail: [Int] = []
        var at = 0
        for step in path.steps {
            let next: Int?
            switch step {
            case .anyMember, .recipient: next = nil
            case .items: next = nodes[at].items
            case .member(let name): next = nodes[at].members.first { $0.name == Array(name.utf8) }?.node
            }
            guard let next else { return nil }
            trail.append(next)
            at = next
        }
        return trail
    }
}
