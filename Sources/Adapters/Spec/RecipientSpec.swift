public import Recipients

/// A place in the request where recipients stand.
public struct RecipientSpec: Sendable {
    /// What of the request holds the place.
    public enum Location: String, Sendable, CaseIterable {
        /// The body; in a form the query string too, because many servers read them as one list.
        case body
        case query
        /// A `{segment}` of the endpoint's path template.
        case path
        /// A request header, exactly once.
        case header
    }

    /// How one text holds recipients.
    public enum ListSyntax: String, Sendable, CaseIterable {
        /// The text is one identifier.
        case one
        /// One RFC 5322 mailbox: `Ann <ann@example.com>`.
        case mailbox
        /// RFC 5322 mailboxes and groups, commas between them.
        case mailboxes
        /// Identifiers with commas, less-than signs or semicolons between them; blanks around them do not count.
        case comma
        case lessThan = "less-than"
        case semicolon

        /// The byte between two recipients; `nil` where there is none, or where finding it takes more than a look.
        public var separator: UInt8? {
            switch self {
            case .one, .mailbox, .mailboxes: nil
            case .comma: UInt8(ascii: ",")
            case .lessThan: UInt8(ascii: "<")
            case .semicolon: UInt8(ascii: ";")
            }
        }
    }

    /// A member that holds some of a postal address.
    public struct Part: Sendable, Hashable {
        public var name: String
        /// Whether an address may go without it.
        public var isOptional: Bool

        public init(_ name: String, isOptional: Bool = false) {
            self.name = name
            self.isOptional = isOptional
        }
    }

    /// When a place names somebody whom another place is the recipient of.
    public enum Mention: Sendable, Hashable {
        case always
        /// Where this place, or something in it, holds somebody.
        case beside(String)
    }

    /// A form field's name, or a path into the JSON document, with the decoders that lead on from there:
    /// `personalizations[*].to[*].email`, `raw | base64url | mime`. ``Place`` is its parsed form.
    public var at: String
    /// `nil`: judged by its shape, `kind: any` in the file.
    public var kind: IdentifierKind?
    /// Whether a request (or the item around the slot) without it is refused.
    public var required: Bool
    public var prefixes: [PrefixSpec]
    public var location = Location.body
    /// Whether the form field may occur more than once.
    public var repeats = false
    public var list = ListSyntax.one
    /// Set: whatever stands here is an id only the provider understands, and this becomes of it.
    public var opaque: OpaquePolicy?
    /// What becomes of a text that holds nothing like the kind: with `nil` it is refused as malformed, else it is taken for
    /// an id only the provider understands.
    public var otherwise: OpaquePolicy?
    /// Set: what stands here only names a recipient that stands elsewhere (variables by address, the headers of a message whose
    /// envelope is apart). Whoever is blocked is taken out here too, but nobody is sent to because they stand here.
    public var mention: Mention?
    /// Not empty: ``at`` is an object, and these of its members together are one postal address.
    public var parts: [Part] = []
    /// Replaces the endpoint's channels for this slot.
    public var channels: [Channel]?

    public init(at: String, kind: IdentifierKind?, required: Bool, prefixes: [PrefixSpec] = []) {
        self.at = at
        self.kind = kind
        self.required = required
        self.prefixes = prefixes
    }
}
