public import Recipients

/// One thing a person asked for, or one thing done to the master preference record: the only shape in which any of it
/// enters the ledger, whatever the channel it came by.
///
/// The groups of fields follow docs/design.md, section 6. Everything is optional but what the action needs;
/// ``PreferenceEvent/rejection()`` says what that is.
public struct PreferenceEvent: Equatable, Sendable {
    /// Chosen by whoever makes the event, the same for every delivery of the same signal: a provider's message id, a digest
    /// of an imported row, a client's idempotency key. A second event with this id is not recorded.
    public var id: String
    public var action: EventAction
    /// Whom it is about; `nil` only for ``EventAction/needsReview``, when no identifier could be read.
    public var identifier: Identifier?
    /// The other end of a link or unlink.
    public var linkedIdentifier: Identifier?
    /// The channels it covers; empty for links and reviews.
    public var channels: ChannelSet
    public var scope: PreferenceScope
    public var reach: EventReach
    /// A short code: `stop`, `complaint`, `do-not-call`, `wrong-number`, `legal-demand` ... The customer's dictionary.
    public var reason: String?
    /// The id of the ``EventAction/needsReview`` event that this one settles.
    public var resolves: String?
    public var identity: EventIdentity
    public var times: EventTimes
    public var source: EventSource
    public var evidence: EventEvidence
    public var decision: EventDecision
    public var actor: EventActor

    public init(
        id: String, action: EventAction, identifier: Identifier?, linkedIdentifier: Identifier? = nil,
        channels: ChannelSet = [], scope: PreferenceScope = .everything, reach: EventReach = .identifier,
        reason: String? = nil, resolves: String? = nil,
        identity: EventIdentity = .init(), times: EventTimes = .init(), source: EventSource,
        evidence: EventEvidence = .init(), decision: EventDecision = .init(), actor: EventActor
    ) {
        self.id = id
        self.action = action
        self.identifier = identifier
        self.linkedIdentifier = linkedIdentifier
        self.channels = channels
        self.scope = scope
        self.reach = reach
        self.reason = reason
        self.resolves = resolves
        self.identity = identity
        self.times = times
        self.source = source
        self.evidence = evidence
        self.decision = decision
        self.actor = actor
    }
}
