public import Ledger
public import Lists
import Recipients

/// The answer to "may I contact this identifier, and if not, why?", for people and machines.
public struct CheckAnswer: Codable, Equatable, Sendable {
    /// One event that still blocks.
    public struct Holding: Codable, Equatable, Sendable {
        public var channels: [String]
        public var scope: String
        public var reach: String
        public var since: String
        public var recordedAt: String
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

    public struct Reading: Codable, Equatable, Sendable {
        public var identifier: String
        public var kind: String
        /// Whether any event ever named it.
        public var isKnown: Bool
        /// The channels on which a send is blocked that names no program: by an opt-out of any scope.
        public var blocked: [String]
        public var linked: Int
        public var holdings: [Holding]
    }

    public var suppressed: Bool
    public var ledgerPosition: UInt64
    /// Digits without a country code may mean several numbers.
    public var readings: [Reading]
    /// The bulk lists that hold it.
    public var lists: [ListAnswer]

    /// - Parameter lists: those in force that hold the identifier.
    public init(_ explanations: [SuppressionExplanation], lists: [ListVersion] = []) {
        self.lists = lists.map { ListAnswer($0, current: true) }
        readings = explanations.map { explanation in
            let blocked = explanation.holdings.reduce(into: ChannelSet()) { $0.formUnion($1.channels) }
            return Reading(
                identifier: explanation.identifier.spelling, kind: explanation.identifier.kind.name, isKnown: explanation.isKnown,
                blocked: blocked.channels.map(\.name), linked: explanation.linked.count,
                holdings: explanation.holdings.map(Holding.init))
        }
        suppressed = !lists.isEmpty || readings.contains { !$0.blocked.isEmpty }
        ledgerPosition = explanations.map(\.position).max() ?? 0
    }
}

extension CheckAnswer.Holding {
    init(_ holding: SuppressionExplanation.Holding) {
        let event = holding.event.event
        self.init(
            channels: holding.channels.channels.map(\.name), scope: event.scope.description, reach: event.reach.name,
            since: holding.since.description, recordedAt: holding.event.recordedAt.description, method: event.source.method.rawValue,
            arrivedBy: event.source.channel?.name, system: event.source.system, reason: event.reason, words: event.evidence.words,
            actor: event.actor.name ?? event.actor.kind.rawValue, eventId: event.id, ledgerPosition: holding.event.position,
            via: holding.via.map { $0.masked })
    }
}
