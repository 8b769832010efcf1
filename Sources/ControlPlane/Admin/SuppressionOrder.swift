import Foundation
public import Ledger
public import Recipients
import TLSKit

/// What an operator or a system of the customer's asks for: an opt-out to be added or taken back. The same for the admin API and
/// the command line.
public struct SuppressionOrder: Codable, Equatable, Sendable {
    /// In any spelling.
    public var identifier: String
    /// `phone`, `email`, `push-token`, `postal`, `external`; told by the text when left out.
    public var kind: String?
    /// Names of channels; all when left out.
    public var channels: [String]?
    /// `everything` when left out.
    public var scope: String?
    /// `identifier` or `person`.
    public var reach: String?
    /// A short code: `stop`, `complaint`, `legal-demand`. A removal needs one.
    public var reason: String?
    /// When the person asked.
    public var requestedAt: String?
    /// The person's words.
    public var evidence: String?
    /// Where the letter, recording or ticket is kept.
    public var evidenceReference: String?
    /// Who does it. A removal needs one.
    public var actor: String?
    /// The same when the call is sent again; made up when left out.
    public var id: String?

    public init(identifier: String) { self.identifier = identifier }

    /// What is wrong with an order, and in which field.
    public struct Mistake: Error, Equatable, Sendable, CustomStringConvertible {
        public let field: String
        public let what: String
        public var description: String { "\(field): \(what)" }

        public init(field: String, what: String) {
            self.field = field
            self.what = what
        }
    }

    /// One event for each identifier that the text may mean.
    /// - Parameter method: the way the order came.
    /// - Parameter system: that gave it.
    public func events(
        _ action: EventAction, identifiers: IdentifierReader, method: EventSource.Method, system: String? = nil, defaultActor: String
    ) throws(Mistake) -> [PreferenceEvent] {
        let base = id ?? Self.freshID()
        let channels = try Self.channels(channels), scope = try Self.scope(self.scope)
        let reach = try self.reach.map { (name: String) throws(Mistake) -> EventReach in
            guard let reach = EventReach.allCases.first(where: { $0.name == name }) else {
                throw Mistake(field: "reach", what: "'\(name)' is neither identifier nor person")
            }
            return reach
        }
        let requested = try Self.moment(requestedAt, "requested_at")
        if action == .removal, reason?.isEmpty ?? true { throw Mistake(field: "reason", what: "a removal needs a reason") }
        if action == .removal, actor?.isEmpty ?? true { throw Mistake(field: "actor", what: "a removal needs to say who does it") }
        let found = try Self.read(self.identifier, kind: kind, identifiers)
        return found.enumerated().map { number, found in
            PreferenceEvent(
                id: number == 0 ? base : "\(base)#\(number)", action: action, identifier: found, channels: channels, scope: scope,
                reach: reach ?? .identifier, reason: reason ?? (action == .optOut ? "manual" : nil),
                identity: EventIdentity(asReceived: self.identifier, matchMethod: "exact"),
                times: EventTimes(requestedAt: requested, receivedAt: .now()),
                source: EventSource(method: method, system: system), evidence: EventEvidence(words: evidence, reference: evidenceReference),
                actor: EventActor(kind: .operator, name: actor ?? defaultActor))
        }
    }

    /// Every identifier that `text` may mean.
    public static func read(_ text: String, kind: String?, _ identifiers: IdentifierReader) throws(Mistake) -> [Identifier] {
        var fixed: IdentifierKind?
        if let kind {
            fixed = IdentifierKind(name: kind)
            if fixed == nil {
                throw Mistake(field: "kind", what: "'\(kind)' is not one of \(IdentifierKind.allCases.map(\.name).joined(separator: ", "))")
            }
        }
        do throws(IdentifierReader.Unreadable) { return try identifiers.read(text, as: fixed) } catch {
            throw Mistake(field: "identifier", what: error.description)
        }
    }

    /// An id for an event that was given none.
    static func freshID() -> String { "order:" + TokenFile.hex(MessageAuthentication.randomBytes(16)) }

    static func moment(_ text: String?, _ field: String) throws(Mistake) -> Timestamp? {
        guard let text else { return nil }
        guard let moment = Timestamp(text) else {
            throw Mistake(field: field, what: "'\(text)' is no moment; write 2026-03-01 or 2026-03-01T09:30:00Z")
        }
        return moment
    }

    public static func channels(_ names: [String]?) throws(Mistake) -> ChannelSet {
        guard let names, names != ["all"] else { return .all }
        var channels: ChannelSet = []
        for name in names {
            guard let channel = Channel(name: name) else {
                throw Mistake(field: "channels", what: "'\(name)' is not one of all, \(Channel.allCases.map(\.name).joined(separator: ", "))")
            }
            channels.formUnion(ChannelSet(channel))
        }
        if channels.isEmpty { throw Mistake(field: "channels", what: "no channel is named; leave it out for all") }
        return channels
    }

    public static func scope(_ text: String?) throws(Mistake) -> PreferenceScope {
        guard let text else { return .everything }
        guard let scope = PreferenceScope(text) else {
            throw Mistake(field: "scope", what: "'\(text)' is none; write everything, program:NAME, purpose:NAME, brand:NAME or sender:NAME")
        }
        return scope
    }
}

extension SuppressionOrder: AdminBody {
    static let members: Set = [
        "identifier", "kind", "channels", "scope", "reach", "reason", "requested_at", "evidence", "evidence_reference", "actor", "id",
    ]
}
