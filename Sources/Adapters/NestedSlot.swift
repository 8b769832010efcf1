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
        self.place = try NestedPlace(place, path: path)
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

    /// Every strip rule behind decoders must name a recipient's place.
    static func check(_ endpoint: EndpointSpec) throws(AdapterProblem) {
        for (index, strip) in endpoint.strip.enumerated() where isNested(strip.remove, endpoint) {
            let isKnown = endpoint.recipients.contains { words($0.at) == words(strip.remove) }
            guard isKnown else {
                throw AdapterProblem("strip[\(index)].remove", "'\(strip.remove)' must be a recipient's whole place, decoders included")
            }
            guard strip.with.isEmpty, strip.aligned.isEmpty else {
                throw AdapterProblem("strip[\(index)]", "nothing goes with a recipient behind decoders: leave with and aligned out")
            }
        }
    }

    private static func words(_ text: String) -> String { String(text.filter { $0 != " " }) }
}
