import GRDB
import Recipients

/// What follows from the preferences for each identifier: its own opt-outs, and those with person reach of every identifier
/// linked to it.
struct EffectiveState {
    let db: Database
    private let fold = PreferenceFold()

    init(db: Database) { self.db = db }

    /// The present state of every pair of identifier and scope that `events` may have changed, each pair once.
    func states(affectedBy events: [PreferenceEvent]) throws -> [EffectiveSuppression] {
        struct Pair: Hashable { let row: Int64, scope: String }
        var pairs: Set<Pair> = []
        var order: [Pair] = []
        for event in events {
            guard let identifier = event.identifier, let row = try fold.find(identifier, in: db) else { continue }
            var rows = try fold.members(of: try fold.person(of: row, in: db), in: db)
            var scopes: Set<String> = []
            switch event.action {
            case .needsReview, .reviewed: continue
            case .optOut, .optIn, .removal: scopes = [event.scope.description]
            case .link, .unlink:
                guard let linked = event.linkedIdentifier, let other = try fold.find(linked, in: db) else { continue }
                rows += try fold.members(of: try fold.person(of: other, in: db), in: db)
                scopes = try personScopes(ofAnyOf: rows)
            }
            for row in rows {
                for scope in scopes where pairs.insert(Pair(row: row, scope: scope)).inserted { order.append(Pair(row: row, scope: scope)) }
            }
        }
        return try order.map { pair in
            EffectiveSuppression(
                identifier: try identifier(of: pair.row), scope: try Self.scope(pair.scope),
                channels: try channels(of: pair.row, scope: pair.scope))
        }
    }

    /// Every scope in which one of `rows` was ever opted out with person reach. From the events, because an unlink or a
    /// removal may have taken the preference away that made the others' state what an index still holds.
    private func personScopes(ofAnyOf rows: [Int64]) throws -> Set<String> {
        let statement = try db.cachedStatement(sql: """
            SELECT DISTINCT e.scope FROM identifier i JOIN event e ON e.identifier = i.value AND e.identifier_kind = i.kind
            WHERE i.id = ? AND e.action = 'opt-out' AND e.reach = 1
            """)
        var scopes: Set<String> = []
        for row in rows { scopes.formUnion(try String.fetchAll(statement, arguments: [row])) }
        return scopes
    }

    private func channels(of row: Int64, scope: String) throws -> ChannelSet {
        var blocked: Int64 = 0
        let own = try db.cachedStatement(sql: "SELECT channels FROM preference WHERE identifier = ? AND scope = ?")
        for channels in try Int64.fetchAll(own, arguments: [row, scope]) { blocked |= channels }
        let members = try fold.members(of: try fold.person(of: row, in: db), in: db)
        let inherited = try db.cachedStatement(sql: "SELECT channels FROM preference WHERE identifier = ? AND scope = ? AND reach = 1")
        for member in members where member != row {
            for channels in try Int64.fetchAll(inherited, arguments: [member, scope]) { blocked |= channels }
        }
        return try Self.channels(blocked)
    }

    private func identifier(of row: Int64) throws -> Identifier {
        let statement = try db.cachedStatement(sql: "SELECT kind, value FROM identifier WHERE id = ?")
        guard let found = try Row.fetchOne(statement, arguments: [row]) else {
            throw LedgerFailure.damaged("identifier row \(row) is missing")
        }
        return try Self.identifier(kind: found[0], value: found[1])
    }

    static func identifier(kind: Int64, value: String) throws -> Identifier {
        guard let kind = UInt8(exactly: kind).flatMap(IdentifierKind.init) else { throw LedgerFailure.damaged("identifier of kind \(kind)") }
        return Identifier(kind: kind, value: value)
    }

    static func scope(_ text: String) throws -> PreferenceScope {
        guard let scope = PreferenceScope(text) else { throw LedgerFailure.damaged("scope \(text)") }
        return scope
    }

    static func channels(_ bits: Int64) throws -> ChannelSet {
        guard let bits = UInt16(exactly: bits) else { throw LedgerFailure.damaged("channel bits \(bits)") }
        return ChannelSet(rawValue: bits)
    }
}
