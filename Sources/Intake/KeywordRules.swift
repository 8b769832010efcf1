/// The words of one channel, as policies/channels/*.yaml gives them.
public struct KeywordRules: Equatable, Sendable {
    /// A word or a short sentence, and the language it is in (BCP 47), where that is known.
    public struct Phrase: Hashable, Sendable, ExpressibleByStringLiteral {
        public let text: String
        public let language: String?

        public init(_ text: String, language: String? = nil) {
            self.text = text
            self.language = language
        }

        public init(stringLiteral text: String) { self.init(text) }
    }

    /// Names the words and the matching, for the evidence: it changes with either.
    public var version: String
    public var optOut: [Phrase]
    public var optIn: [Phrase]
    /// Words that mean consent only where we asked for it (YES): they never restore anything by themselves.
    public var optInOnlyWhenAsked: [Phrase]
    public var help: [Phrase]
    /// What may stand around an opt-out word without changing it: please, thanks, thank you.
    public var courtesy: [Phrase]
    /// How phones render a reaction to a message of ours, up to the quoted text: `Liked`, `Laughed at`.
    public var reactions: [Phrase]

    public init(
        version: String, optOut: [Phrase], optIn: [Phrase], optInOnlyWhenAsked: [Phrase] = [], help: [Phrase],
        courtesy: [Phrase] = [], reactions: [Phrase] = []
    ) {
        self.version = version
        self.optOut = optOut
        self.optIn = optIn
        self.optInOnlyWhenAsked = optInOnlyWhenAsked
        self.help = help
        self.courtesy = courtesy
        self.reactions = reactions
    }
}
