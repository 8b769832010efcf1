/// What the keyword engine made of a message.
public enum KeywordMatch: Equatable, Sendable {
    case optOut(KeywordFinding)
    case optIn(KeywordFinding)
    /// A word that restores only where we asked for it.
    case optInOnlyWhenAsked(KeywordFinding)
    case help(KeywordFinding)
    /// Somebody's phone reports a reaction to a message of ours, whose text may well hold STOP. Says nothing.
    case reaction(normalised: String)
    /// No keyword: near misses and free text are read from here.
    case unmatched(normalised: String)
}

/// Which rule matched, and on what: the evidence of the decision.
public struct KeywordFinding: Equatable, Sendable {
    public enum Way: String, Sendable {
        /// The whole message is the word.
        case perSe = "per-se"
        /// The word, repeated or with courtesy around it, and nothing else.
        case courtesy
    }

    /// For example `opt-out/per-se/unsubscribe`.
    public let ruleID: String
    public let rulePackVersion: String
    public let matchedBy: Way
    /// The message as the rule saw it.
    public let normalised: String
    public let language: String?
}
