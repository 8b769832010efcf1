public import Ledger
public import Lists
public import Recipients

/// The answer to "may I contact this identifier, and if not, why?", for people and machines.
public struct CheckAnswer: Codable, Equatable, Sendable {
    /// One event that still blocks.
    public struct Holding: Codable, Equatable, Sendable {
        public var channels: [String]
        public var scope: String
        public var reach: String
        public var since: String
        public var recordedAt: String
        public var dueAt: String?
        public var method: String
        public var arrivedBy: String?
        public var system: String?
        public var reason: String?
        public var words: String?
        public var actor: String
        public var eventId: String
        public var ledgerPosition: UInt64
        /// The linked identifier that was opted out, masked; `nil` when it was this one.
        public var via: String?
    }

    /// One link of those that make the person.
    public struct Link: Codable, Equatable, Sendable {
        /// Masked.
        public var identifiers: [String]
        public var since: String
        public var reason: String?
        public var confidence: Double?
        public var actor: String
        public var eventId: String
        public var ledgerPosition: UInt64
    }

    public struct Reading: Codable, Equatable, Sendable {
        public var identifier: String
        public var kind: String
        /// `itself`; `other-reading`, for digits that may be several numbers; `base-address`, which covers the address with a tag.
        public var relation: String
        /// Other spellings that are the same identifier to the gate.
        public var equivalents: [String]
        /// Whether any event ever named it.
        public var isKnown: Bool
        /// The channels on which a send is blocked that names no program: by an opt-out of any scope.
        public var blocked: [String]
        /// How many other identifiers the person has.
        public var linked: Int
        public var links: [Link]
        public var holdings: [Holding]
    }

    public var suppressed: Bool
    /// The channels on which the running gate blocks sends to it that name no program, at this moment, for whatever cause; `nil` where no gate was asked.
    public var enforced: [String]?
    public var ledgerPosition: UInt64
    public var readings: [Reading]
    /// The bulk lists that hold it.
    public var lists: [ListAnswer]

    /// - Parameter found: everything that the text may mean, the likeliest first.
    /// - Parameter lists: those in force that hold the identifier.
    /// - Parameter enforced: what the index says.
    public init(
        _ found: [Identifier], ledger: PreferenceLedger, lists: [ListVersion], rules: NormalisationRules, enforced: ChannelSet? = nil
    ) throws {
        var asked: [(identifier: Identifier, relation: String)] = found.enumerated().map { ($1, $0 == 0 ? "itself" : "other-reading") }
        for identifier in found {
            if let base = EquivalentSpellings.base(of: identifier, rules: rules), !asked.contains(where: { $0.identifier == base }) {
                asked.append((base, "base-address"))
            }
        }
        var position = LedgerPosition(0)
        readings = try asked.map { identifier, relation in
            let explanation = try ledger.check(identifier)
            position = max(position, explanation.position)
            let blocked = explanation.holdings.reduce(into: ChannelSet()) { $0.formUnion($1.channels) }
            return Reading(
                identifier: identifier.spelling, kind: identifier.kind.name, relation: relation,
                equivalents: EquivalentSpellings.of(identifier, rules: rules), isKnown: explanation.isKnown, blocked: blocked.channels.map(\.name),
                linked: explanation.linked.count,
                links: explanation.linked.isEmpty ? [] : try ledger.links(ofPersonWith: identifier).map(Link.init),
                holdings: explanation.holdings.map(Holding.init))
        }
        self.lists = lists.map { ListAnswer($0, current: true) }
        self.enforced = enforced?.channels.map(\.name)
        suppressed = !lists.isEmpty || readings.contains { !$0.blocked.isEmpty } || enforced.map { !$0.isEmpty } == true
        ledgerPosition = position
    }
}

extension CheckAnswer.Holding {
    init(_ holding: SuppressionExplanation.Holding) {
        let event = holding.event.event
        self.init(
            channels: holding.channels.channels.map(\.name), scope: event.scope.description, reach: event.reach.name,
            since: holding.since.description, recordedAt: holding.event.recordedAt.description, dueAt: event.times.dueAt?.description,
            method: event.source.method.rawValue, arrivedBy: event.source.channel?.name, system: event.source.system, reason: event.reason,
            words: event.evidence.words, actor: event.actor.name ?? event.actor.kind.rawValue, eventId: event.id,
            ledgerPosition: holding.event.position, via: holding.via.map { $0.masked })
    }
}

extension CheckAnswer.Link {
    init(_ link: IdentityLink) {
        let event = link.event.event
        self.init(
            identifiers: [link.one.masked, link.other.masked], since: link.event.askedAt.description, reason: event.reason,
            confidence: event.identity.matchConfidence, actor: event.actor.name ?? event.actor.kind.rawValue, eventId: event.id,
            ledgerPosition: link.event.position)
    }
}
