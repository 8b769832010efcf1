public import Recipients

/// One send call as the adapter's file describes it.
public struct EndpointSpec: Sendable {
    /// How the body is written. Decides what ``RecipientSpec/at`` means.
    public enum Format: String, Sendable, CaseIterable {
        case form, json, multipart
        /// The body is one MIME message, perhaps in base64.
        case mime
        /// There is no body: recipients stand in the path, the query or a header.
        case none

        /// The media type a body of this format usually has.
        var mediaType: String {
            switch self {
            case .form: "application/x-www-form-urlencoded"
            case .json: "application/json"
            case .multipart: "multipart/form-data"
            case .mime: "message/rfc822"
            case .none: ""
            }
        }
    }

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
    /// Set where several endpoints share method and path; the first whose match holds is the request's.
    public var match: MatchSpec?
    /// The formats the provider takes; the request's Content-Type says which one it is. With `json` among them places are JSON
    /// paths, and forms spell them with brackets: `to[name]` for `to.name`, `to[]` for `to[*]`.
    public var formats: [Format]
    /// The media types of the body, where they are not the format's usual one. In lower case.
    public var contentTypes: [String] = []
    /// Bytes of decoded body.
    public var bodyLimit: Int
    /// The channels a recipient without prefix is reached on; the first is the one reported. A suppression for any blocks.
    public var channels: [Channel]
    public var mode: Mode
    public var recipients: [RecipientSpec]
    /// Of each of these lists of places at least one must hold something.
    public var requireOneOf: [[String]] = []
    /// How lists shrink when recipients are taken out of them.
    public var strip: [StripSpec] = []
    /// Paths (JSON) or fields (form) that hold no recipient: they may name anybody. Covers everything below the path.
    public var data: [String] = []
    /// Switches that ask the provider to ignore its own suppressions.
    public var overrides: [OverrideSpec] = []
    /// What signs the request: with it, nothing can be stripped unless the gate can sign anew.
    public var signature: SignatureSpec?
    /// Where the provider's answer names the message.
    public var messageID: MessageID?
    /// The most recipients one request may carry.
    public var recipientLimit = 1000
    /// How a send for later is recognised.
    public var scheduled: ScheduledSpec?
    /// How a retry says that it is one.
    public var idempotency: IdempotencySpec?
    /// How an answer with one result for each recipient gets results for those who were taken out.
    public var results: ResultsSpec?
    /// What this endpoint says otherwise than ``AdapterSpec/errors``.
    public var errors: ErrorsOverrideSpec?

    public init(
        id: String, method: String, path: String, format: Format, bodyLimit: Int, channels: [Channel], mode: Mode,
        recipients: [RecipientSpec]
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.formats = [format]
        self.bodyLimit = bodyLimit
        self.channels = channels
        self.mode = mode
        self.recipients = recipients
    }
}
