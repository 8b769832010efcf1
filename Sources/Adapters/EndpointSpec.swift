public import Recipients

/// One send call as the adapter's file describes it.
public struct EndpointSpec: Sendable {
    /// How the body is written. Decides what ``RecipientSpec/at`` means.
    public enum Format: String, Sendable, CaseIterable { case form, json }

    /// Whether recipients may be taken out one by one.
    public enum Mode: String, Sendable, CaseIterable {
        /// Every recipient gets a message of their own: blocked ones are stripped.
        case fanout
        /// All recipients share one thread: one blocked recipient blocks the request.
        case group
        /// There is one recipient.
        case single
    }

    /// Unique within the provider: `messages`.
    public var id: String
    public var method: String
    public var path: String
    public var format: Format
    /// Bytes of decoded body.
    public var bodyLimit: Int
    /// The channels a recipient without prefix is reached on; the first is the one reported. A suppression for any blocks.
    public var channels: [Channel]
    public var mode: Mode
    public var recipients: [RecipientSpec]
    /// How lists shrink when recipients are taken out of them.
    public var strip: [StripSpec] = []
    /// Paths (JSON) or fields (form) that hold no recipient: they may name anybody. Covers everything below the path.
    public var data: [String] = []
    /// Switches that ask the provider to ignore its own suppressions.
    public var overrides: [OverrideSpec] = []
    /// A request header that signs the body: with it, nothing can be stripped.
    public var signatureHeader: String?
    /// Where the provider's answer names the message.
    public var messageID: MessageID?
    /// The most recipients one request may carry.
    public var recipientLimit = 1000

    public init(
        id: String, method: String, path: String, format: Format, bodyLimit: Int, channels: [Channel], mode: Mode,
        recipients: [RecipientSpec]
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.format = format
        self.bodyLimit = bodyLimit
        self.channels = channels
        self.mode = mode
        self.recipients = recipients
    }
}

/// A place in the body where recipients stand.
public struct RecipientSpec: Sendable {
    /// A form field's name, or a path into the JSON document: `personalizations[*].to[*].email`.
    public var at: String
    public var kind: IdentifierKind
    /// Whether a request (or the item around the slot) without it is refused.
    public var required: Bool
    public var prefixes: [PrefixSpec]

    public init(at: String, kind: IdentifierKind, required: Bool, prefixes: [PrefixSpec] = []) {
        self.at = at
        self.kind = kind
        self.required = required
        self.prefixes = prefixes
    }
}

/// A scheme in front of an identifier that changes how it is reached: `whatsapp:`.
public struct PrefixSpec: Sendable {
    public enum Meaning: Sendable, Hashable {
        /// What follows is an identifier of the slot's kind, reached on these channels.
        case channels([Channel])
        /// What follows is an id only the provider understands.
        case opaque(OpaquePolicy)
    }

    /// The scheme with its colon.
    public var text: String
    public var meaning: Meaning

    public init(text: String, meaning: Meaning) {
        self.text = text
        self.meaning = meaning
    }
}

/// What becomes of a recipient that Stopgate cannot read.
public enum OpaquePolicy: String, Sendable, CaseIterable { case allow, reject }

/// How a list shrinks.
public struct StripSpec: Sendable {
    public enum WhenEmpty: Sendable, Hashable {
        /// The list, or something around it, goes too.
        case remove(String)
        /// Nobody is left: the request is rejected.
        case reject
    }

    /// The items that may be taken out: `personalizations[*].to[*]`.
    public var remove: String
    /// What happens when the last item of the list was taken out.
    public var whenEmpty: WhenEmpty

    public init(remove: String, whenEmpty: WhenEmpty) {
        self.remove = remove
        self.whenEmpty = whenEmpty
    }
}

/// A switch in the request that overrides the provider's own suppressions. It never overrides Stopgate's.
public struct OverrideSpec: Sendable {
    public enum Policy: String, Sendable, CaseIterable { case allow, reject }

    /// Path of a boolean.
    public var at: String
    public var policy: Policy

    public init(at: String, policy: Policy) {
        self.at = at
        self.policy = policy
    }
}

/// Where a provider's answer names the message it accepted.
public enum MessageID: Sendable, Hashable {
    /// A response header, in lower case.
    case header(String)
    /// A member of the JSON object in the body.
    case member(String)
}
