import GRDB
import Recipients

extension PreferenceLedger {
    /// The events after `position`, oldest first, at most `limit`.
    public func events(after position: LedgerPosition, limit: Int = 1000) throws -> [RecordedEvent] {
        try pool.read { try Self.events(after: position, limit: limit, $0) }
    }

    static func events(after position: LedgerPosition, limit: Int, _ db: Database) throws -> [RecordedEvent] {
        let statement = try db.cachedStatement(sql: "SELECT * FROM event WHERE position > ? ORDER BY position LIMIT ?")
        return try Row.fetchAll(statement, arguments: [Int64(clamping: position), limit]).map(EventColumns.recorded)
    }

    /// The event with this id, however it came in.
    public func event(id: String) throws -> RecordedEvent? {
        try pool.read { db in try Row.fetchOne(db, sql: "SELECT * FROM event WHERE id = ?", arguments: [id]).map(EventColumns.recorded) }
    }

    /// Which of `ids` the ledger has events for.
    func knownIDs(_ ids: [String]) throws -> Set<String> {
        try pool.read { db in
            let statement = try db.cachedStatement(sql: "SELECT 1 FROM event WHERE id = ?")
            return Set(try ids.filter { try Int.fetchOne(statement, arguments: [$0]) != nil })
        }
    }

    /// Everything recorded about the person who owns `identifier`, oldest first, at most `limit` events after `position`.
    public func history(of identifier: Identifier, after position: LedgerPosition = 0, limit: Int = 1000) throws -> [RecordedEvent] {
        try pool.read { db in
            let fold = PreferenceFold()
            guard let row = try fold.find(identifier, in: db) else { return [] }
            let person = try fold.person(of: row, in: db)
            return try Row.fetchAll(
                db,
                sql: """
                    WITH member AS (SELECT kind, value FROM identifier WHERE id = :person OR (person = :person AND person <> id))
                    SELECT * FROM event WHERE position IN (
                        SELECT e.position FROM member JOIN event e ON e.identifier = value AND e.identifier_kind = kind
                        UNION SELECT e.position FROM member JOIN event e ON e.linked_identifier = value AND e.linked_kind = kind)
                    AND position > :after ORDER BY position LIMIT :limit
                    """,
                arguments: ["person": person, "after": Int64(clamping: position), "limit": limit]
            ).map(EventColumns.recorded)
        }
    }

    /// Why `identifier` may or may not be contacted: every event that still holds against it, its own and those of linked
    /// identifiers.
    public func check(_ identifier: Identifier) throws -> SuppressionExplanation {
        try pool.read { db in
            let position = try Self.lastPosition(db)
            let fold = PreferenceFold()
            guard let row = try fold.find(identifier, in: db) else {
                return SuppressionExplanation(identifier: identifier, position: position, isKnown: false, linked: [], holdings: [])
            }
            let members = try fold.members(of: try fold.person(of: row, in: db), in: db).filter { $0 != row }
            let own = try holdings(of: row, reach: nil, via: nil, db)
            var linked: [Identifier] = []
            var inherited: [SuppressionExplanation.Holding] = []
            for member in members {
                guard let found = try Row.fetchOne(db, sql: "SELECT kind, value FROM identifier WHERE id = ?", arguments: [member]) else {
                    throw LedgerFailure.damaged("identifier row \(member) is missing")
                }
                let name = try EffectiveState.identifier(kind: found[0], value: found[1])
                linked.append(name)
                inherited += try holdings(of: member, reach: .person, via: name, db)
            }
            return SuppressionExplanation(
                identifier: identifier, position: position, isKnown: true, linked: linked, holdings: own + inherited)
        }
    }

    private func holdings(of row: Int64, reach: EventReach?, via: Identifier?, _ db: Database) throws -> [SuppressionExplanation.Holding] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT p.channels AS still_blocked, e.* FROM preference p JOIN event e ON e.position = p.position
                WHERE p.identifier = ? AND (? IS NULL OR p.reach = ?) ORDER BY p.position
                """,
            arguments: [row, reach?.rawValue, reach?.rawValue]
        ).map { found in
            SuppressionExplanation.Holding(
                channels: try EffectiveState.channels(found["still_blocked"]), event: try EventColumns.recorded(found), via: via)
        }
    }

    /// Signals that wait for a human, oldest first: reviews that no later event resolves.
    public func eventsNeedingReview(limit: Int = 100) throws -> [RecordedEvent] {
        try pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM event AS e WHERE \(Self.unresolved) ORDER BY position LIMIT ?", arguments: [limit])
                .map(EventColumns.recorded)
        }
    }

    /// How many signals wait for a human.
    public func countNeedingReview() throws -> Int {
        try pool.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM event AS e WHERE \(Self.unresolved)") ?? 0 }
    }

    private static let unresolved = "action = 'needs-review' AND NOT EXISTS (SELECT 1 FROM event AS r WHERE r.resolves = e.id)"
}
