import GRDB
import Recipients

/// One link between two identifiers of a person.
public struct IdentityLink: Equatable, Sendable {
    public let one: Identifier
    public let other: Identifier
    /// The event that linked them first.
    public let event: RecordedEvent
}

extension PreferenceLedger {
    /// The identifiers of the person who owns `identifier`, that one included, in the order in which the ledger saw them first.
    /// Empty when no event ever named it.
    public func identifiers(ofPersonWith identifier: Identifier) throws -> [Identifier] {
        try pool.read { db in try Self.members(identifier, db).map { try Self.name($0, db) } }
    }

    /// The links that make one person of the identifiers connected to `identifier`, oldest first.
    public func links(ofPersonWith identifier: Identifier) throws -> [IdentityLink] {
        try pool.read { db in
            var links: [(low: Int64, high: Int64, position: Int64)] = []
            for member in try Self.members(identifier, db) {
                // Each once: every link of a person has its smaller row among the person's.
                for row in try Row.fetchAll(db, sql: "SELECT low, high, position FROM link WHERE low = ?", arguments: [member]) {
                    links.append((row[0], row[1], row[2]))
                }
            }
            return try links.sorted { $0.position < $1.position }.map { link in
                guard let event = try Row.fetchOne(db, sql: "SELECT * FROM event WHERE position = ?", arguments: [link.position]) else {
                    throw LedgerFailure.damaged("event \(link.position), which made a link, is missing")
                }
                return IdentityLink(
                    one: try Self.name(link.low, db), other: try Self.name(link.high, db), event: try EventColumns.recorded(event))
            }
        }
    }

    private static func members(_ identifier: Identifier, _ db: Database) throws -> [Int64] {
        let fold = PreferenceFold()
        guard let row = try fold.find(identifier, in: db) else { return [] }
        return try fold.members(of: try fold.person(of: row, in: db), in: db)
    }

    private static func name(_ row: Int64, _ db: Database) throws -> Identifier {
        guard let found = try Row.fetchOne(db, sql: "SELECT kind, value FROM identifier WHERE id = ?", arguments: [row]) else {
            throw LedgerFailure.damaged("identifier row \(row) is missing")
        }
        return try EffectiveState.identifier(kind: found[0], value: found[1])
    }
}
