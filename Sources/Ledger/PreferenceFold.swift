import GRDB
import Recipients

/// Derives identifiers, persons, links and preferences from events, one event at a time, in the order of their positions.
///
/// A pure function of the events: no clock, no randomness, row ids given in order of appearance. So the rows it leaves can be
/// compared with those of another run. The rules:
/// - An opt-out adds a `preference` row that holds the channels it still blocks. Several may block the same channel.
/// - An opt-in clears its channels from the rows of the same identifier, scope and reach that were asked for no later than
///   itself; an opt-in by reply only from rows that came by reply. A removal clears them whatever their age, reach or way.
///   `person_scope` keeps every scope in which a whole person was ever opted out.
/// - A link joins two persons under the smaller row id; an unlink splits the person into what is still connected.
///
/// Nothing expires: were policy ever to ask for it, the expiry would be an event.
struct PreferenceFold {
    /// More identifiers than one person has; links past it are refused before they are recorded.
    static let personLimit = 1000

    let schema: String

    init(schema: String = "main") { self.schema = schema }

    func apply(_ recorded: RecordedEvent, to db: Database) throws {
        let event = recorded.event
        let position = Int64(recorded.position)
        if let identifier = event.identifier {
            let row = try row(of: identifier, at: position, in: db)
            switch event.action {
            case .optOut:
                try db.cachedStatement(sql: """
                    INSERT INTO \(schema).preference (position, identifier, scope, reach, channels, asked_at, by_reply)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """).execute(arguments: [
                        position, row, event.scope.description, event.reach.rawValue, Int64(event.channels.rawValue),
                        recorded.askedAt.milliseconds, event.source.method.isReply,
                    ])
                if event.reach == .person {
                    try db.cachedStatement(sql: "INSERT OR IGNORE INTO \(schema).person_scope (scope) VALUES (?)")
                        .execute(arguments: [event.scope.description])
                }
            case .optIn, .removal:
                try clear(recorded, identifier: row, in: db)
            case .link, .unlink:
                if let linked = event.linkedIdentifier {
                    let other = try self.row(of: linked, at: position, in: db)
                    try event.action == .link ? link(row, other, at: position, in: db) : unlink(row, other, in: db)
                }
            case .needsReview, .reviewed: break
            }
        }
        try db.cachedStatement(sql: "UPDATE \(schema).ledger_state SET value = ? WHERE name = 'folded_position'")
            .execute(arguments: [position])
    }

    private func clear(_ recorded: RecordedEvent, identifier: Int64, in db: Database) throws {
        let event = recorded.event
        let removal = event.action == .removal
        let mask = Int64(event.channels.rawValue)
        try db.cachedStatement(sql: """
            UPDATE \(schema).preference SET channels = channels & ~?1
            WHERE identifier = ?2 AND scope = ?3
              AND (?4 OR (reach = ?5 AND asked_at <= ?6 AND (by_reply OR NOT ?7)))
            """).execute(arguments: [
                mask, identifier, event.scope.description, removal, event.reach.rawValue, recorded.askedAt.milliseconds,
                event.source.method.isReply,
            ])
        try db.cachedStatement(sql: "DELETE FROM \(schema).preference WHERE identifier = ? AND channels = 0")
            .execute(arguments: [identifier])
    }

    private func link(_ a: Int64, _ b: Int64, at position: Int64, in db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO \(schema).link (low, high, position) VALUES (?, ?, ?)")
            .execute(arguments: [min(a, b), max(a, b), position])
        let first = try person(of: a, in: db), second = try person(of: b, in: db)
        guard first != second else { return }
        for member in try members(of: max(first, second), in: db) {
            try assign(member, to: min(first, second), in: db)
        }
    }

    private func unlink(_ a: Int64, _ b: Int64, in db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM \(schema).link WHERE low = ? AND high = ?")
            .execute(arguments: [min(a, b), max(a, b)])
        var unassigned = Set(try members(of: try person(of: a, in: db), in: db))
        let neighbours = try db.cachedStatement(sql: """
            SELECT high FROM \(schema).link WHERE low = ?1 UNION ALL SELECT low FROM \(schema).link WHERE high = ?1
            """)
        // The smallest row of each piece becomes its person, which is what linking the piece afresh would give.
        for root in unassigned.sorted() where unassigned.remove(root) != nil {
            try assign(root, to: root, in: db)
            var frontier = [root]
            while let next = frontier.popLast() {
                for neighbour in try Int64.fetchAll(neighbours, arguments: [next]) where unassigned.remove(neighbour) != nil {
                    try assign(neighbour, to: root, in: db)
                    frontier.append(neighbour)
                }
            }
        }
    }

    private func assign(_ identifier: Int64, to person: Int64, in db: Database) throws {
        try db.cachedStatement(sql: "UPDATE \(schema).identifier SET person = ? WHERE id = ?").execute(arguments: [person, identifier])
    }

    /// The row of `identifier`, made when this is its first event.
    private func row(of identifier: Identifier, at position: Int64, in db: Database) throws -> Int64 {
        if let row = try find(identifier, in: db) { return row }
        let next = try Int64.fetchOne(db.cachedStatement(sql: "SELECT coalesce(max(id), 0) + 1 FROM \(schema).identifier")) ?? 1
        try db.cachedStatement(sql: "INSERT INTO \(schema).identifier (id, kind, value, person, first_position) VALUES (?1, ?2, ?3, ?1, ?4)")
            .execute(arguments: [next, Int64(identifier.kind.rawValue), identifier.value, position])
        return next
    }

    func find(_ identifier: Identifier, in db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM \(schema).identifier WHERE value = ? AND kind = ?"),
            arguments: [identifier.value, Int64(identifier.kind.rawValue)])
    }

    func person(of row: Int64, in db: Database) throws -> Int64 {
        guard let person = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT person FROM \(schema).identifier WHERE id = ?"), arguments: [row])
        else { throw LedgerFailure.damaged("identifier row \(row) is missing") }
        return person
    }

    /// How many identifiers a person has.
    func count(of person: Int64, in db: Database) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(sql: "SELECT 1 + count(*) FROM \(schema).identifier WHERE person = ? AND person <> id"),
            arguments: [person]) ?? 1
    }

    /// The identifier rows of a person, smallest first.
    func members(of person: Int64, in db: Database) throws -> [Int64] {
        // The first arm needs no index, the second uses the partial one.
        try Int64.fetchAll(
            db.cachedStatement(sql: """
                SELECT id FROM \(schema).identifier WHERE id = ?1 AND person = ?1
                UNION ALL SELECT id FROM \(schema).identifier WHERE person = ?1 AND person <> id ORDER BY 1
                """),
            arguments: [person])
    }
}
