public import Recipients

/// One change to the index: the channels that a source suppresses for a key from now on.
public struct SuppressionChange: Sendable, Hashable {
    public let key: RecipientKey
    public let source: SuppressionSource
    /// The whole set, not a difference: empty means that the source suppresses the key no longer. So a change can be
    /// applied twice without harm.
    public let channels: ChannelSet

    public init(key: RecipientKey, source: SuppressionSource = .event, channels: ChannelSet) {
        self.key = key
        self.source = source
        self.channels = channels
    }
}
