public import Recipients

/// The answer to "may I contact this identifier, and if not, why?".
public struct SuppressionExplanation: Equatable, Sendable {
    /// One event that still blocks.
    public struct Holding: Equatable, Sendable {
        /// What is left of the event's channels after later opt-ins and removals.
        public let channels: ChannelSet
        public let event: RecordedEvent
        /// The linked identifier that was opted out as a person; `nil` when it was the identifier asked about.
        public let via: Identifier?

        public var scope: PreferenceScope { event.event.scope }
        public var since: Timestamp { event.askedAt }
    }

    public let identifier: Identifier
    /// The last event that the answer includes.
    public let position: LedgerPosition
    /// Whether any event ever named the identifier.
    public let isKnown: Bool
    /// The other identifiers of the same person.
    public let linked: [Identifier]
    /// Own opt-outs first, each group oldest first.
    public let holdings: [Holding]

    /// The channels blocked whatever the program.
    public var blockedChannels: ChannelSet { blockedChannels(in: .everything) }

    public func blockedChannels(in scope: PreferenceScope) -> ChannelSet {
        holdings.filter { $0.scope == scope }.reduce(into: []) { $0.formUnion($1.channels) }
    }
}
