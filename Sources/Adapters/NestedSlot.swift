/// A slot whose recipients stand in a text inside of another one.
public struct NestedSlot: Sendable {
    /// What becomes of the text when its last recipient was taken out of it.
    public enum WhenEmpty: Sendable, Hashable {
        /// Nobody is left: the request is rejected.
        case reject
        /// The text stays, without anybody in it.
        case keep
    }

    public let place: NestedPlace
    /// Set when recipients may be taken out of the text one by one.
    public let whenEmpty: WhenEmpty?

    /// - Returns: `nil` for a slot without decoders.
    init?(_ spec: RecipientSpec, index: Int, _ endpoint: EndpointSpec) throws(AdapterProblem) {
        let path = "recipients[\(index)].at"
        let isBody = endpoint.formats == [.mime] && spec.location == .body
        let place = try Place(spec.at, isBody: isBody, path: path)
        guard !place.decoders.isEmpty else { return nil }
        guard spec.list == .one || spec.list == .mailbox else {
            throw AdapterProblem("recipients[\(index)].list", "a text behind decoders is one recipient, or a message with its own lists: leave list out")
        }
        self.place = try NestedPlace(place, data: try Self.data(endpoint).filter { Self.isSameText($0.place, place) }, path: path)
        var whenEmpty: WhenEmpty?
        for (number, strip) in endpoint.strip.enumerated() where Self.isNested(strip.remove, endpoint) {
            guard try Place(strip.remove, isBody: isBody, path: "strip[\(number)].remove") == place else { continue }
            switch strip.whenEmpty {
            case .reject: whenEmpty = .reject
            case .keep: whenEmpty = .keep
            case .remove: throw AdapterProblem("strip[\(number)].when_empty", "a text behind decoders is kept, or the request rejected")
            }
        }
        self.whenEmpty = whenEmpty
    }

    /// Whether a strip rule takes recipients out of texts behind decoders, and so is none of the body's own.
    static func isNested(_ remove: String, _ endpoint: EndpointSpec) -> Bool {
        remove.contains("|") || endpoint.formats == [.mime]
    }

    /// What the adapter calls data behind decoders, with its place in the file.
    private static func data(_ endpoint: EndpointSpec) throws(AdapterProblem) -> [(place: Place, path: String)] {
        var data: [(place: Place, path: String)] = []
        for (index, text) in endpoint.data.enumerated() where isBehindDecoders(text) {
            data.append((try Place(text, path: "data[\(index)]"), "data[\(index)]"))
        }
        return data
    }

    /// Whether a place of `data` stands in a text inside of another one.
    static func isBehindDecoders(_ data: String) -> Bool { data.contains("|") }

    /// Whether both places lead into one JSON document.
    private static func isSameText(_ data: Place, _ slot: Place) -> Bool {
        guard data.base == slot.base, data.decoders.dropLast() == slot.decoders.dropLast(), case .json? = data.decoders.last, case .json? = slot.decoders.last else { return false }
        return true
    }

    /// Every strip rule behind decoders must name a recipient's place, and data there a text that holds one.
    static func check(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        for (index, strip) in endpoint.strip.enumerated() where isNested(strip.remove, endpoint) {
            let isKnown = endpoint.recipients.contains { words($0.at) == words(strip.remove) }
            guard isKnown else {
                throw AdapterProblem("strip[\(index)].remove", "'\(strip.remove)' must be a recipient's whole place, decoders included")
            }
            guard strip.aligned.isEmpty else { throw AdapterProblem("strip[\(index)].aligned", "no text lines up with recipients behind decoders: leave it out") }
            guard strip.with.isEmpty else { throw noWith("strip[\(index)].with") }
        }
        for entry in try data(endpoint) {
            var isKnown = false
            for (index, slot) in endpoint.recipients.enumerated() {
                let isBody = endpoint.formats == [.mime] && slot.location == .body
                if isSameText(entry.place, try Place(slot.at, isBody: isBody, path: "recipients[\(index)].at")) { isKnown = true }
            }
            guard isKnown else { throw AdapterProblem(entry.path, "this must lead into JSON that holds recipients, such as variables | json | {*}") }
        }
    }

    /// Members whose keys are recipients are a slot of their own everywhere but in a JSON body.
    static func noWith(_ path: String) -> AdapterProblem {
        AdapterProblem(
            path, "only members of a JSON body go with a recipient",
            suggestion: "declare the keys as a slot, {at: \"variables | json | {*}\", kind: email, mention: true}, and a strip rule that removes it")
    }

    private static func words(_ text: String) -> String { String(text.filter { $0 != " " }) }
}
