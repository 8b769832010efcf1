import Foundation
public import Ledger
import Recipients

/// That two identifiers belong to one person, or that they do not after all. The same for the admin API and the command line.
public struct LinkOrder: Codable, Equatable, Sendable {
    /// In any spelling.
    public var identifier: String
    public var kind: String?
    public var linkedIdentifier: String
    public var linkedKind: String?
    /// Why, as a short code: `crm-record`, `same-household`. Undoing a link needs one.
    public var reason: String?
    /// How sure it is, from 0 to 1.
    public var confidence: Double?
    public var evidence: String?
    public var evidenceReference: String?
    /// Who does it. Undoing a link needs one.
    public var actor: String?
    public var id: String?

    public init(_ identifier: String, _ linked: String) {
        self.identifier = identifier
        linkedIdentifier = linked
    }

    /// - Parameter action: link or unlink.
    public func event(
        _ action: EventAction, identifiers: IdentifierReader, method: EventSource.Method, system: String? = nil, defaultActor: String
    ) throws(SuppressionOrder.Mistake) -> PreferenceEvent {
        if action == .unlink, reason?.isEmpty ?? true { throw .init(field: "reason", what: "undoing a link needs a reason") }
        if action == .unlink, actor?.isEmpty ?? true { throw .init(field: "actor", what: "undoing a link needs to say who does it") }
        let one = try Self.read(identifier, kind, identifiers, "identifier", "kind")
        let other = try Self.read(linkedIdentifier, linkedKind, identifiers, "linked_identifier", "linked_kind")
        guard one != other else { throw .init(field: "linked_identifier", what: "the two are the same identifier already") }
        if let confidence, !(0...1).contains(confidence) { throw .init(field: "confidence", what: "\(confidence) is not from 0 to 1") }
        return PreferenceEvent(
            id: id ?? SuppressionOrder.freshID(), action: action, identifier: one, linkedIdentifier: other, reason: reason,
            identity: EventIdentity(asReceived: identifier, matchMethod: "link", matchConfidence: confidence),
            times: EventTimes(receivedAt: .now()), source: EventSource(method: method, system: system),
            evidence: EventEvidence(words: evidence, reference: evidenceReference),
            actor: EventActor(kind: .operator, name: actor ?? defaultActor))
    }

    /// A link ties one identifier, so what may be several is not guessed at.
    private static func read(
        _ text: String, _ kind: String?, _ identifiers: IdentifierReader, _ field: String, _ kindField: String
    ) throws(SuppressionOrder.Mistake) -> Identifier {
        let found: [Identifier]
        do throws(SuppressionOrder.Mistake) { found = try SuppressionOrder.read(text, kind: kind, identifiers) } catch {
            throw .init(field: error.field == "kind" ? kindField : field, what: error.what)
        }
        guard found.count == 1 else {
            throw .init(field: field, what: "it may be \(found.map(\.spelling).joined(separator: " or ")); write the one that is meant, with its country code")
        }
        return found[0]
    }
}

extension LinkOrder: AdminBody {
    static let members: Set = [
        "identifier", "kind", "linked_identifier", "linked_kind", "reason", "confidence", "evidence", "evidence_reference", "actor", "id",
    ]
}

/// What became of a link or its undoing.
public struct LinkReceipt: Codable, Equatable, Sendable {
    public var identifier: String
    public var linkedIdentifier: String
    public var eventId: String
    public var ledgerPosition: UInt64
    /// `false` when the same call was made before.
    public var isNew: Bool
    /// All identifiers of the person with the first one, now.
    public var person: [String]
    /// Whether every event loop has passed the change: `false` only where no gate runs.
    public var enforced: Bool

    public init(_ event: PreferenceEvent, _ result: AppendResult, in ledger: PreferenceLedger, enforced: Bool) throws {
        identifier = event.identifier?.spelling ?? ""
        linkedIdentifier = event.linkedIdentifier?.spelling ?? ""
        eventId = event.id
        ledgerPosition = result.position
        isNew = result.isNew
        person = try event.identifier.map { try ledger.identifiers(ofPersonWith: $0).map(\.spelling) } ?? []
        self.enforced = enforced
    }
}
