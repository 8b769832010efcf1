public import Recipients

/// What one file of `policies/channels/` says: the words people use on a channel, and what a stop covers.
public struct ChannelRules: Sendable, Equatable {
    /// A word or a short sentence and the language it is in (BCP 47); `nil` where it belongs to none.
    public struct Phrase: Sendable, Hashable {
        public var text: String
        public var language: String?

        public init(_ text: String, language: String? = nil) {
            self.text = text
            self.language = language
        }
    }

    /// What one stop covers.
    public enum StopScope: String, Sendable, CaseIterable {
        /// The channel it came by.
        case channel
        /// Texts of every kind: SMS, MMS, RCS, WhatsApp.
        case messages
        /// Texts and calls.
        case phone
        /// Every channel there is.
        case everything
    }

    public var channel: Channel
    /// Names the words; recorded with every opt-out they find.
    public var version: String
    public var stopWords: [Phrase] = []
    public var startWords: [Phrase] = []
    /// Words that mean consent only where we asked for it.
    public var startWordsWhenAsked: [Phrase] = []
    public var helpWords: [Phrase] = []
    /// What may stand around a stop word without changing it.
    public var courtesyWords: [Phrase] = []
    /// How phones render a reaction to a message of ours, up to the quoted text.
    public var reactions: [Phrase] = []
    public var stopScope = StopScope.messages

    public init(channel: Channel, version: String) {
        self.channel = channel
        self.version = version
    }

    /// The channels that a stop on this one closes.
    public var stoppedChannels: ChannelSet {
        switch stopScope {
        case .channel: ChannelSet(channel)
        case .messages: ChannelSet(channel).union(.phoneMessages)
        case .phone: ChannelSet(channel).union(.phoneMessages).union(ChannelSet(.voice))
        case .everything: .all
        }
    }
}
