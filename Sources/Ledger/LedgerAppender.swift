import Foundation
import GRDB
import Recipients

/// Appends events within one write transaction, folding each as it goes.
struct LedgerAppender {
    private let db: Database
    private let recordedAt: Timestamp
    private let dueDates: DueDateRule
    private let fold = PreferenceFold()
    private var position: LedgerPosition
    private var hash: [UInt8]
    private var appended: [PreferenceEvent] = []
    /// Due dates of this transaction by the half minute of the receipt, within which no zone has ever changed its day or its offset.
    private var knownDueDates: [Int64: Timestamp] = [:]

    init(db: Database, recordedAt: Timestamp, dueDates: DueDateRule) throws {
        self.db = db
        self.recordedAt = recordedAt
        self.dueDates = dueDates
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
        let event = dated(event)
        position += 1
        let values = EventColumns.values(event)
        hash = EventHash.next(after: hash, position: position, recordedAt: recordedAt, values: values)
        let fixed = [Int64(position).databaseValue, recordedAt.milliseconds.databaseValue, Data(hash).databaseValue]
        try db.cachedStatement(sql: EventColumns.insertion).execute(arguments: StatementArguments(fixed + values))
        try fold.apply(RecordedEvent(position: position, recordedAt: recordedAt, hash: hash, event: event), to: db)
        appended.append(event)
        return AppendResult(position: position, isNew: true)
    }

    /// The event with its due date, where it is an opt-out that has none yet.
    private mutating func dated(_ event: PreferenceEvent) -> PreferenceEvent {
        guard event.action == .optOut, event.times.dueAt == nil else { return event }
        let received = event.times.receivedAt ?? event.times.requestedAt ?? recordedAt
        let due = knownDueDates[received.milliseconds / 30_000] ?? dueDates.dueAt(received: received)
        knownDueDates[received.milliseconds / 30_000] = due
        var event = event
        event.times.dueAt = due
        event.times.calendarVersion = dueDates.calendarVersion
        return event
    }

    /// The states that the appended events may have changed, as they are after all of them; `nil` when none was new.
    func change() throws -> SuppressionChange? {
        guard !appended.isEmpty else { return nil }
        return SuppressionChange(position: position, states: try EffectiveState(db: db).states(affectedBy: appended))
    }

    private func refuseOversizedPerson(_ event: PreferenceEvent) throws {
        guard event.action == .link, let a = event.identifier, let b = event.linkedIdentifier else { return }
        let persons = try [a, b].map { identifier in
            try fold.find(identifier, in: db).map { try fold.person(of: $0, in: db) }
        }
        if let first = persons[0], first == persons[1] { return }
        // Somebody not seen before is a person of one.
        let size = try persons.reduce(0) { try $0 + ($1.map { try fold.count(of: $0, in: db) } ?? 1) }
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
