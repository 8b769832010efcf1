/// How a form shrinks when recipients are taken out of it.
public struct FormStrip: Sendable {
    public enum WhenEmpty: Sendable, Hashable {
        /// Nobody is left: the request is rejected.
        case reject
        /// The list stays, empty: a text becomes the empty text, of fields nothing is left anyhow.
        case keep
        /// The fields of the list go.
        case removeList
        /// What another rule takes out, and this list stands in, goes too.
        case remove(Int)
    }

    public struct Rule: Sendable {
        /// What goes: a field, or everything with one number.
        public let place: FormPattern
        public let whenEmpty: WhenEmpty
        /// Texts that are lists aligned with this one and lose the same pieces.
        public let aligned: [FormPattern]
        /// How many numbers tell the lists of this rule from each other; its items have one more if they are numbered.
        public let listNumbers: Int
        public var isNumbered: Bool { listNumbers < place.numbers }
    }

    public let rules: [Rule]
    /// By slot: the rules that take it out, the innermost first.
    public let chains: [[Int]]
    /// By slot: whether the innermost of them names the slot itself, so that single recipients of its text may go.
    public let isWholePlace: [Bool]
    /// By rule: the rules whose items its own items stand in.
    public let around: [[Int]]
    /// Whether any text lines up with a list of recipients.
    public var hasAligned: Bool { rules.contains { !$0.aligned.isEmpty } }

    init() {
        rules = []
        chains = []
        isWholePlace = []
        around = []
    }

    init(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        // What stands behind decoders is taken out by ``NestedSlot``.
        let written = endpoint.strip.enumerated().filter { !NestedSlot.isNested($0.element.remove, endpoint) }
        let places = written.map(\.element.remove)
        var rules: [Rule] = []
        for (index, (number, spec)) in written.enumerated() {
            let path = "strip[\(number)]"
            let place = try FormPattern(spec.remove, path: "\(path).remove")
            guard !place.hasWildcard else { throw AdapterProblem("\(path).remove", "{*} cannot be taken out") }
            guard places.firstIndex(of: spec.remove) == index else { throw AdapterProblem("\(path).remove", "'\(spec.remove)' is taken out twice") }
            let endsInNumber = spec.remove.hasSuffix("[#]")
            let whenEmpty: WhenEmpty
            switch spec.whenEmpty {
            case .reject: whenEmpty = .reject
            case .keep: whenEmpty = .keep
            case .remove(let text):
                if text == spec.remove || text == Self.list(spec.remove) {
                    whenEmpty = .removeList
                } else if let other = places.firstIndex(of: text), Self.holds(text, spec.remove) {
                    whenEmpty = .remove(other)
                } else {
                    throw AdapterProblem("\(path).when_empty", "must be reject, keep, '\(Self.list(spec.remove))', or what another rule removes around it")
                }
            }
            var aligned: [FormPattern] = []
            for (number, text) in spec.aligned.enumerated() {
                let place = "\(path).aligned[\(number)]"
                let pattern = try FormPattern(text, path: place)
                guard pattern.isPlain else { throw AdapterProblem(place, "must be a field's name") }
                aligned.append(pattern)
            }
            rules.append(
                Rule(place: place, whenEmpty: whenEmpty, aligned: aligned, listNumbers: endsInNumber ? place.numbers - 1 : place.numbers))
        }
        self.rules = rules

        var chains: [[Int]] = []
        var isWholePlace: [Bool] = []
        for (slot, spec) in endpoint.recipients.enumerated() {
            let base = try Place(spec.at, path: "recipients[\(slot)].at").base
            guard spec.location == .body else {
                chains.append([])
                isWholePlace.append(false)
                continue
            }
            let chain = places.indices.filter { places[$0] == base || Self.holds(places[$0], base) }
            chains.append(chain.sorted { places[$0].utf8.count > places[$1].utf8.count })
            isWholePlace.append(places.contains(base))
        }
        self.chains = chains
        self.isWholePlace = isWholePlace
        around = places.map { place in places.indices.filter { Self.holds(places[$0], place) } }
        for (index, place) in places.enumerated() {
            guard let slot = chains.firstIndex(where: { $0.contains(index) }) else {
                throw AdapterProblem("strip[\(written[index].offset)].remove", "'\(place)' holds no recipient")
            }
            if !rules[index].aligned.isEmpty {
                guard !endpoint.recipients[slot].repeats, endpoint.recipients[slot].list != .one, place == endpoint.recipients[slot].at else {
                    throw AdapterProblem("strip[\(written[index].offset)].aligned", "only a text that holds a list, and occurs once, has others aligned with it")
                }
            }
        }
    }

    /// The list an item stands in: `to` of `to[#]`, `member` of `member.[#]`; a field's own name.
    private static func list(_ place: String) -> String {
        if place.hasSuffix(".[#]") { return String(place.dropLast(4)) }
        return place.hasSuffix("[#]") ? String(place.dropLast(3)) : place
    }

    /// Whether `inner` stands below `outer`.
    private static func holds(_ outer: String, _ inner: String) -> Bool {
        guard inner.hasPrefix(outer), inner.utf8.count > outer.utf8.count else { return false }
        let next = inner.dropFirst(outer.count).first
        return next == "." || next == "["
    }
}
