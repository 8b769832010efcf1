public import Ledger
import Recipients

/// An event of the ledger with everything that is known of it, for people and machines.
public struct EventAnswer: Codable, Equatable, Sendable {
    public var ledgerPosition: UInt64
    public var eventId: String
    public var action: String
    public var identifier: String?
    public var kind: String?
    public var linkedIdentifier: String?
    public var linkedKind: String?
    public var channels: [String]
    public var scope: String
    public var reach: String
    public var reason: String?
    public var resolves: String?
    public var asReceived: String?
    public var matchMethod: String?
    public var matchConfidence: Double?
    public var requestedAt: String?
    public var receivedAt: String?
    public var recordedAt: String
    /// The law's last moment for honouring it, the date in the sender's zone, and the calendar that says so.
    public var dueAt: String?
    public var dueOn: String?
    public var calendar: String?
    public var method: String
    public var arrivedBy: String?
    public var system: String?
    public var ourAddress: String?
    public var repliedTo: String?
    public var words: String?
    public var evidenceReference: String?
    public var payloadHash: String?
    public var remoteAddress: String?
    public var userAgent: String?
    public var providerMessageId: String?
    public var language: String?
    public var rule: String?
    public var rulePack: String?
    public var matchedBy: String?
    public var confidence: Double?
    public var reviewer: String?
    public var actorKind: String
    public var actor: String?
    public var onBehalfOf: String?
    public var approval: String?
    /// Of the chain over all events, in hex.
    public var hash: String

    public init(_ recorded: RecordedEvent) {
        let event = recorded.event
        ledgerPosition = recorded.position
        eventId = event.id
        action = event.action.rawValue
        identifier = event.identifier?.spelling
        kind = event.identifier?.kind.name
        linkedIdentifier = event.linkedIdentifier?.spelling
        linkedKind = event.linkedIdentifier?.kind.name
        channels = event.channels.channels.map(\.name)
        scope = event.scope.description
        reach = event.reach.name
        reason = event.reason
        resolves = event.resolves
        asReceived = event.identity.asReceived
        matchMethod = event.identity.matchMethod
        matchConfidence = event.identity.matchConfidence
        requestedAt = event.times.requestedAt?.description
        receivedAt = event.times.receivedAt?.description
        recordedAt = recorded.recordedAt.description
        dueAt = event.times.dueAt?.description
        dueOn = event.times.dueAt.map { DueDateRule.localDate(of: $0, calendarVersion: event.times.calendarVersion) }
        calendar = event.times.calendarVersion
        method = event.source.method.rawValue
        arrivedBy = event.source.channel?.name
        system = event.source.system
        ourAddress = event.source.ourAddress
        repliedTo = event.source.repliedTo
        words = event.evidence.words
        evidenceReference = event.evidence.reference
        payloadHash = event.evidence.payloadHash
        remoteAddress = event.evidence.remoteAddress
        userAgent = event.evidence.userAgent
        providerMessageId = event.evidence.providerMessageID
        language = event.evidence.language
        rule = event.decision.ruleID
        rulePack = event.decision.rulePackVersion
        matchedBy = event.decision.matchedBy
        confidence = event.decision.confidence
        reviewer = event.decision.reviewer
        actorKind = event.actor.kind.rawValue
        actor = event.actor.name
        onBehalfOf = event.actor.onBehalfOf
        approval = event.actor.approval
        hash = TokenFile.hex(recorded.hash)
    }
}

/// Everything recorded about one person, oldest first, a page at a time.
public struct HistoryPage: Codable, Equatable, Sendable {
    public var identifier: String
    public var kind: String
    /// All identifiers of the person, that one included; empty when no event ever named it.
    public var person: [String]
    public var events: [EventAnswer]
    /// Give it as `cursor` for the next page; `nil` at the end.
    public var nextCursor: String?

    public init(_ identifier: Identifier, in ledger: PreferenceLedger, after position: UInt64, limit: Int) throws {
        let found = try ledger.history(of: identifier, after: position, limit: limit)
        self.identifier = identifier.spelling
        kind = identifier.kind.name
        person = try ledger.identifiers(ofPersonWith: identifier).map(\.spelling)
        events = found.map(EventAnswer.init)
        nextCursor = found.count == limit ? found.last.map { String($0.position) } : nil
    }
}
