import Bytes
public import Recipients

/// A compiled ``RecipientSpec``: what stands in the slot and how it is reached.
public struct RecipientSlot: Sendable {
    /// Where it stands, as the adapter's file says it: for people, in errors and the audit log.
    public let at: String
    /// With ``isAnyKind`` the kind of what has no `@`.
    public let kind: IdentifierKind
    /// Whether a text with an `@` is a mail address, whatever ``kind`` says.
    public let isAnyKind: Bool
    public let isRequired: Bool
    /// ``at``, read.
    public let place: Place
    public let location: RecipientSpec.Location
    public let list: RecipientSpec.ListSyntax
    /// Whether one text may hold several recipients.
    public let holdsList: Bool
    /// Whether other texts are lists that line up with this one.
    public let hasAligned: Bool
    /// Whether the form field may occur more than once.
    public let repeats: Bool
    /// Whether numbers tell its form fields apart: each of them may occur once.
    public let isNumbered: Bool
    /// Set: whatever stands here is an id only the provider understands.
    public let opaque: OpaquePolicy?
    /// What becomes of a text that holds nothing like the kind; `nil`: malformed.
    public let otherwise: OpaquePolicy?
    /// Where a recipient without prefix is reached; the first channel and all of them.
    public let channel: Channel
    public let channels: ChannelSet
    public let prefixes: [Prefix]
    /// Not empty: the members of the object at its place that make up one postal address, in the order an opt-out names them.
    public let parts: [Part]

    public struct Part: Sendable {
        public let name: [UInt8]
        public let isOptional: Bool
    }

    public struct Prefix: Sendable {
        /// In lower case, with its colon.
        public let text: [UInt8]
        public let channel: Channel
        public let channels: ChannelSet
        /// Set when what follows is an id only the provider understands.
        public let opaque: OpaquePolicy?
    }

    /// - Parameters:
    ///   - repeats: whether its field may occur more than once in a form.
    ///   - isWholeBody: whether the body is one MIME message, so that the place begins with a decoder.
    init(_ spec: RecipientSpec, repeats: Bool, channels: [Channel], isWholeBody: Bool, hasAligned: Bool) throws(AdapterProblem) {
        let channels = spec.channels ?? channels
        guard let first = channels.first else { throw AdapterProblem("channels", "name at least one channel") }
        at = spec.at
        kind = spec.kind ?? .phone
        isAnyKind = spec.kind == nil
        isRequired = spec.required
        place = try Place(spec.at, isBody: isWholeBody && spec.location == .body, path: "at")
        if spec.list == .mailbox || spec.list == .mailboxes, spec.kind != .email {
            throw AdapterProblem("list", "only e-mail addresses stand in mailboxes: write comma, less-than or semicolon")
        }
        location = spec.location
        parts = try Self.parts(spec)
        list = spec.list
        holdsList = spec.list != .one && spec.list != .mailbox
        self.hasAligned = hasAligned
        self.repeats = repeats
        isNumbered = spec.at.contains("[#]")
        opaque = spec.opaque
        otherwise = spec.otherwise
        channel = first
        self.channels = channels.reduce(into: []) { $0.insert(ChannelSet($1)) }
        var prefixes: [Prefix] = []
        for (index, prefix) in spec.prefixes.enumerated() {
            let text = RouteBytes.lower(prefix.text.utf8)
            guard text.last == UInt8(ascii: ":"), text.count > 1, text.first?.isASCIILetter == true else {
                throw AdapterProblem("prefixes[\(index)].text", "must be a scheme with its colon, such as whatsapp:")
            }
            switch prefix.meaning {
            case .opaque(let policy):
                prefixes.append(Prefix(text: text, channel: first, channels: [], opaque: policy))
            case .channels(let list):
                guard let head = list.first else { throw AdapterProblem("prefixes[\(index)].channels", "name at least one channel") }
                let set = list.reduce(into: ChannelSet()) { $0.insert(ChannelSet($1)) }
                prefixes.append(Prefix(text: text, channel: head, channels: set, opaque: nil))
            }
        }
        self.prefixes = prefixes
    }

    /// More would be too many selections to look up.
    private static let partLimit = 6

    private static func parts(_ spec: RecipientSpec) throws(AdapterProblem) -> [Part] {
        guard !spec.parts.isEmpty else { return [] }
        guard spec.kind == .postal else { throw AdapterProblem("parts", "only a postal address stands in parts", suggestion: "write kind: postal") }
        guard spec.location == .body, !spec.repeats, !spec.at.contains("|"), !spec.at.contains("[#]"), !spec.at.hasSuffix("{*}") else {
            throw AdapterProblem("parts", "a postal address stands in an object of the body: write its place, such as to or recipients[*]")
        }
        guard spec.parts.count <= partLimit else { throw AdapterProblem("parts", "an address has at most \(partLimit) parts") }
        guard spec.parts.contains(where: { !$0.isOptional }) else {
            throw AdapterProblem("parts", "an address without any of its parts is none", suggestion: "leave the '?' out behind those that every address has")
        }
        for (index, part) in spec.parts.enumerated() {
            guard !part.name.isEmpty, part.name.utf8.allSatisfy({ RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }) else {
                throw AdapterProblem("parts[\(index)]", "'\(part.name)' is not a member's name such as address_line1")
            }
            guard !spec.parts[..<index].contains(where: { $0.name == part.name }) else { throw AdapterProblem("parts[\(index)]", "'\(part.name)' is named twice") }
        }
        return spec.parts.map { Part(name: Array($0.name.utf8), isOptional: $0.isOptional) }
    }
}
