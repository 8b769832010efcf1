import Foundation
import GRDB
import Recipients

/// The columns of the `event` table that an event fills, in the order of the table, and the way between the two.
/// Only ever append to this list: the hash of an event names its columns.
enum EventColumns {
    static let names = [
        "id", "action", "identifier_kind", "identifier", "linked_kind", "linked_identifier", "channels", "scope", "reach",
        "reason", "resolves", "as_received", "name_given", "match_method", "match_confidence", "requested_at", "received_at",
        "due_at", "calendar_version", "method", "source_channel", "source_system", "our_address", "replied_to", "words",
        "payload_hash", "evidence_reference", "remote_address", "user_agent", "provider_message_id", "language", "rule_id",
        "rule_pack", "matched_by", "confidence", "normalised_text", "reviewer", "actor_kind", "actor", "on_behalf_of",
        "approval",
    ]

    static let insertion = """
        INSERT INTO event (position, recorded_at, hash, \(names.joined(separator: ", ")))
        VALUES (?, ?, ?\(String(repeating: ", ?", count: names.count)))
        """

    static func values(_ e: PreferenceEvent) -> [DatabaseValue] {
        [
            text(e.id), text(e.action.rawValue), integer(e.identifier.map { Int64($0.kind.rawValue) }), text(e.identifier?.value),
            integer(e.linkedIdentifier.map { Int64($0.kind.rawValue) }), text(e.linkedIdentifier?.value),
            integer(Int64(e.channels.rawValue)), text(e.scope.description), integer(Int64(e.reach.rawValue)),
            text(e.reason), text(e.resolves), text(e.identity.asReceived), text(e.identity.nameGiven),
            text(e.identity.matchMethod), real(e.identity.matchConfidence), integer(e.times.requestedAt?.milliseconds),
            integer(e.times.receivedAt?.milliseconds), integer(e.times.dueAt?.milliseconds), text(e.times.calendarVersion),
            text(e.source.method.rawValue), text(e.source.channel?.name), text(e.source.system), text(e.source.ourAddress),
            text(e.source.repliedTo), text(e.evidence.words), text(e.evidence.payloadHash), text(e.evidence.reference),
            text(e.evidence.remoteAddress), text(e.evidence.userAgent), text(e.evidence.providerMessageID),
            text(e.evidence.language), text(e.decision.ruleID), text(e.decision.rulePackVersion), text(e.decision.matchedBy),
            real(e.decision.confidence), text(e.decision.normalisedText), text(e.decision.reviewer), text(e.actor.kind.rawValue),
            text(e.actor.name), text(e.actor.onBehalfOf), text(e.actor.approval),
        ]
    }

    /// - Throws: ``LedgerFailure/damaged(_:)`` when a column holds what no version of Stopgate wrote.
    static func recorded(_ row: Row) throws -> RecordedEvent {
        let position: Int64 = row["position"]
        func reading<T>(_ column: String, _ value: T?) throws -> T {
            guard let value else { throw LedgerFailure.damaged("event \(position): unreadable \(column)") }
            return value
        }
        func moment(_ column: String) -> Timestamp? { (row[column] as Int64?).map(Timestamp.init(milliseconds:)) }
        func identifier(_ kind: String, _ value: String) throws -> Identifier? {
            guard let raw = row[kind] as Int64?, let text = row[value] as String? else { return nil }
            return Identifier(kind: try reading(kind, UInt8(exactly: raw).flatMap(IdentifierKind.init)), value: text)
        }
        let event = PreferenceEvent(
            id: row["id"],
            action: try reading("action", EventAction(rawValue: row["action"])),
            identifier: try identifier("identifier_kind", "identifier"),
            linkedIdentifier: try identifier("linked_kind", "linked_identifier"),
            channels: ChannelSet(rawValue: try reading("channels", UInt16(exactly: row["channels"] as Int64))),
            scope: try reading("scope", PreferenceScope(row["scope"] as String)),
            reach: try reading("reach", EventReach(rawValue: row["reach"])),
            reason: row["reason"], resolves: row["resolves"],
            identity: EventIdentity(
                asReceived: row["as_received"], nameGiven: row["name_given"], matchMethod: row["match_method"],
                matchConfidence: row["match_confidence"]),
            times: EventTimes(
                requestedAt: moment("requested_at"), receivedAt: moment("received_at"), dueAt: moment("due_at"),
                calendarVersion: row["calendar_version"]),
            source: EventSource(
                method: try reading("method", EventSource.Method(rawValue: row["method"])),
                channel: try (row["source_channel"] as String?).map { try reading("source_channel", Channel(name: $0)) },
                system: row["source_system"], ourAddress: row["our_address"], repliedTo: row["replied_to"]),
            evidence: EventEvidence(
                words: row["words"], payloadHash: row["payload_hash"], reference: row["evidence_reference"],
                remoteAddress: row["remote_address"], userAgent: row["user_agent"],
                providerMessageID: row["provider_message_id"], language: row["language"]),
            decision: EventDecision(
                ruleID: row["rule_id"], rulePackVersion: row["rule_pack"], matchedBy: row["matched_by"],
                confidence: row["confidence"], normalisedText: row["normalised_text"], reviewer: row["reviewer"]),
            actor: EventActor(
                kind: try reading("actor_kind", EventActor.Kind(rawValue: row["actor_kind"])), name: row["actor"],
                onBehalfOf: row["on_behalf_of"], approval: row["approval"]))
        return RecordedEvent(
            position: LedgerPosition(position), recordedAt: Timestamp(milliseconds: row["recorded_at"]),
            hash: Array(row["hash"] as Data), event: event)
    }

    private static func text(_ value: String?) -> DatabaseValue { value.databaseValue }
    private static func integer(_ value: Int64?) -> DatabaseValue { value.databaseValue }
    private static func real(_ value: Double?) -> DatabaseValue { value.databaseValue }
}
