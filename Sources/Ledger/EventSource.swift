public import Recipients

/// How an event came in.
public struct EventSource: Equatable, Sendable {
    /// The way of asking. The raw value is stored: never rename.
    public enum Method: String, CaseIterable, Sendable {
        case keyword
        case freeText = "free-text"
        case link
        case oneClick = "one-click"
        case preferenceCentre = "preference-centre"
        case disposition
        case ivr
        case voicemail
        case letter
        case emailReply = "email-reply"
        case complaint
        case api
        case commandLine = "command-line"
        case `import`
        case sync

        /// The person answered one of our messages. An opt-in by such an answer restores only what such an answer stopped,
        /// never what a letter or a complaint did.
        public var isReply: Bool { self == .keyword || self == .freeText || self == .emailReply }
        /// A copy of another system's state, which may add suppressions but not lift any.
        public var isCopy: Bool { self == .import || self == .sync }
    }

    public var method: Method
    /// The channel the signal came by, which need not be one it covers.
    public var channel: Channel?
    /// The system that handed it to us: `twilio`, `salesforce`, a file's name.
    public var system: String?
    /// The number or address of ours that got it.
    public var ourAddress: String?
    /// The message or campaign it answers.
    public var repliedTo: String?

    public init(method: Method, channel: Channel? = nil, system: String? = nil, ourAddress: String? = nil, repliedTo: String? = nil) {
        self.method = method
        self.channel = channel
        self.system = system
        self.ourAddress = ourAddress
        self.repliedTo = repliedTo
    }
}
