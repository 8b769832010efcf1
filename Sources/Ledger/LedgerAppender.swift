import Foundation
import GRDB
import Recipients

/// Appends events within one write transaction, folding each as it goes.
struct LedgerAppender {
    private let db: Database
    private let recordedAt: Timestamp
    private let fold = PreferenceFold()
    private var position: LedgerPosition
    private var hash: [UInt8]
    private var appended: [PreferenceEvent] = []

    init(db: Database, recordedAt: Timestamp) throws {
        self.db = db
        self.recordedAt = recordedAt
        let last = try Row.fetchOne(db.cachedStatement(sql: "SELECT position, hash FROM event ORDER BY position DESC LIMIT 1"))
        position = LedgerPosition((last?["position"] as Int64?) ?? 0)
        hash = (last?["hash"] as Data?).map(Array.init) ?? EventHash.beginning
    }

    mutating func append(_ event: PreferenceEvent, whenKnown: KnownEvent) throws -> AppendResult {
        if let existing = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM event WHERE id = ?"), arguments: [event.id]) {
            let recorded = try EventColumns.recorded(existing)
            guard whenKnown == .keepFirst || recorded.event.saysTheSame(as: event) else { throw LedgerFailure.conflictingID(event.id) }
            return AppendResult(position: recorded.position, isNew: false)
        }
        try refuseOversizedPerson(event)
        position += 1
        let values = EventColumns.values(event)
        hash = EventHash.next(after: hash, position: position, recordedAt: recordedAt, values: values)
        let fixed = [Int64(position).databaseValue, recordedAt.milliseconds.databaseValue, Data(hash).databaseValue]
        try db.cachedStatement(sql: EventColumns.insertion).execute(arguments: StatementArguments(fixed + values))
        try fold.apply(RecordedEvent(position: position, recordedAt: recordedAt, hash: hash, event: event), to: db)
        appended.append(event)
        return AppendResult(position: position, isNew: true)
    }

    /// The states that the appended events may have changed, as they are after all of them; `nil` when none was new.
    func change() throws -> SuppressionChange? {
        guard !appended.isEmpty else { return nil }
        return SuppressionChange(position: position, states: try EffectiveState(db: db).states(affectedBy: appended))
    }

    private func refuseOversizedPerson(_ event: PreferenceEvent) throws {
        guard event.action == .link, let a = event.identifier, let b = event.linkedIdentifier,
            let first = try fold.find(a, in: db), let second = try fold.find(b, in: db)
        else { return }
        let persons = (try fold.person(of: first, in: db), try fold.person(of: second, in: db))
        guard persons.0 != persons.1 else { return }
        let size = try fold.members(of: persons.0, in: db).count + fold.members(of: persons.1, in: db).count
        guard size <= PreferenceFold.personLimit else {
            throw LedgerFailure.rejected(.personTooLarge(limit: PreferenceFold.personLimit), eventID: event.id)
        }
    }
}

extension PreferenceEvent {
    /// Whether recording `other` besides this one would change nothing: same id, and the same effect on the same person.
    /// Two deliveries of one signal may differ in when they were received or how they were described.
    func saysTheSame(as other: PreferenceEvent) -> Bool {
        id == other.id && action == other.action && identifier == other.identifier && linkedIdentifier == other.linkedIdentifier
            && channels == other.channels && scope == other.scope && reach == other.reach
    }
}
