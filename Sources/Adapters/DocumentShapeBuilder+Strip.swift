/// How lists shrink.
extension DocumentShapeBuilder {
    mutating func addStrip(_ strip: StripSpec, index: Int, endpoint: EndpointSpec) throws(AdapterProblem) {
        let place = "strip[\(index)]"
        let path = try FieldPath(strip.remove, path: "\(place).remove")
        guard let trail = find(path), let item = trail.last else {
            throw AdapterProblem(
                "\(place).remove", "no recipient stands at '\(strip.remove)' or below", word: strip.remove,
                among: endpoint.recipients.flatMap { Self.removable($0.at) })
        }
        let isList = path.steps.last == .items || path.steps.last == .anyMember
        let list = isList ? (trail.dropLast().last ?? 0) : item
        guard isList ? nodes[list].leadsToRecipient : nodes[item].slot != nil else {
            throw AdapterProblem(
                "\(place).remove",
                "'\(strip.remove)' must be the items of a list on the way to a recipient, or a recipient's own text")
        }
        let whenEmpty: DocumentShape.WhenEmpty
        switch strip.whenEmpty {
        case .reject: whenEmpty = .reject
        case .keep: whenEmpty = .keep
        case .remove(let text):
            let target = try FieldPath(text, path: "\(place).when_empty")
            guard target.isAncestor(of: path) || !isList && target == path, let found = find(target)?.last else {
                throw AdapterProblem(
                    "\(place).when_empty", "must be reject, keep, or the list or something around it", word: text,
                    among: ["reject", "keep"] + Self.prefixes(strip.remove))
            }
            whenEmpty = .remove(found)
        }
        if whenEmpty == .keep, nodes[list].isRequired {
            throw AdapterProblem("\(place).when_empty", "a required place cannot stay empty: write reject, or what goes with it")
        }
        if isList {
            nodes[list].whenEmpty = whenEmpty
            // A text in place of the list is a list of one.
            if nodes[list].slot != nil, nodes[list].textWhenEmpty == nil { nodes[list].textWhenEmpty = whenEmpty }
            try drop(item, path, endpoint)
        } else {
            nodes[item].textWhenEmpty = whenEmpty
        }
        try addKeyed(strip, path, place, endpoint)
        try addAligned(strip, isList ? nil : item, path, place, endpoint)
    }

    /// `a`, `a[*]`, `a[*].b` ... of the path `a[*].b.c`, shortest first.
    private static func prefixes(_ path: String) -> [String] {
        path.indices.filter { $0 > path.startIndex && ".[".contains(path[$0]) }.map { String(path[..<$0]) }
    }

    /// What of a recipient's place may be taken out: itself, and the lists on the way.
    private static func removable(_ at: String) -> [String] {
        (prefixes(at) + [at]).filter { $0.hasSuffix("]") || $0.hasSuffix("}") || $0 == at }
    }

    /// Every recipient inside the item goes with the innermost item that may go.
    private mutating func drop(_ item: Int, _ path: FieldPath, _ endpoint: EndpointSpec) throws(AdapterProblem) {
        for (slot, spec) in endpoint.recipients.enumerated() where spec.location == .body {
            let place = "recipients[\(slot)].at"
            let at = try FieldPath(try Place(spec.at, path: place).base, path: place)
            guard path.isAncestor(of: at) || path == at, let leaf = find(at)?.last else { continue }
            if let current = nodes[leaf].dropped, current > item { continue }
            nodes[leaf].dropped = item
        }
    }

    /// Members whose key is the recipient.
    private mutating func addKeyed(
        _ strip: StripSpec, _ path: FieldPath, _ place: String, _ endpoint: EndpointSpec
    ) throws(AdapterProblem) {
        guard !strip.with.isEmpty else { return }
        let slot = endpoint.recipients.firstIndex { spec in
            guard spec.location == .body, let place = try? Place(spec.at, path: ""),
                let at = try? FieldPath(place.base, path: "")
            else { return false }
            return path == at || path.isAncestor(of: at)
        }
        guard let slot else { throw AdapterProblem("\(place).with", "'\(strip.remove)' holds no recipient for members to go with") }
        for (index, text) in strip.with.enumerated() {
            let at = "\(place).with[\(index)]"
            guard !NestedSlot.isBehindDecoders(text) else { throw NestedSlot.noWith(at) }
            let keyed = try FieldPath(text, path: at)
            guard keyed.steps.last == .recipient, keyed.steps.dropLast().allSatisfy({ $0 != .recipient }) else {
                throw AdapterProblem(at, "'\(text)' must end in .{recipient}")
            }
            let map = try insert(keyed, place: at).dropLast().last ?? 0
            guard nodes[map].keySlot == nil, nodes[map].keyedSlot == nil else {
                throw AdapterProblem(at, "the keys here are recipients already")
            }
            nodes[map].keyedSlot = slot
        }
    }

    /// Texts that lose the same pieces as the text `list`.
    private mutating func addAligned(
        _ strip: StripSpec, _ list: Int?, _ path: FieldPath, _ place: String, _ endpoint: EndpointSpec
    ) throws(AdapterProblem) {
        for (index, text) in strip.aligned.enumerated() {
            let at = "\(place).aligned[\(index)]"
            let aligned = try FieldPath(text, path: at)
            guard let list, let slot = nodes[list].slot, endpoint.recipients[slot].list.separator != nil else {
                throw AdapterProblem(at, "only a text with separators has aligned texts: list comma, less-than or semicolon")
            }
            // In a list, which of its texts belong together would have to be said.
            guard (path.steps + aligned.steps).allSatisfy({ if case .member = $0 { true } else { false } }) else {
                throw AdapterProblem(at, "aligned texts stand outside of lists and maps")
            }
            guard let leaf = try insert(aligned, place: at).last, nodes[leaf].slot == nil else {
                throw AdapterProblem(at, "this place holds a recipient")
            }
            nodes[leaf].alignedWith = list
            // Losing pieces it must be known by its name, like the recipients.
            for node in find(aligned) ?? [] { nodes[node].isGuarded = true }
        }
    }
}
