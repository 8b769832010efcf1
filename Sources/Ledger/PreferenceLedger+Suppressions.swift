import GRDB
import Recipients

extension PreferenceLedger {
    /// Hands every effective suppression to `body`, each pair of identifier and scope once, grouped by identifier in the
    /// order in which the ledger first saw them, from one consistent view of the file. Appends go on meanwhile.
    /// - Returns: the position that the view includes; what came later is in ``forEachChange(after:_:)``.
    /// - Complexity: one pass over the preferences in index order; constant memory, however many there are.
    @discardableResult
    public func forEachSuppression(_ body: (EffectiveSuppression) throws -> Void) throws -> LedgerPosition {
        try pool.read { try Self.forEachSuppression(in: $0, body) }
    }

    static func forEachSuppression(in db: Database, _ body: (EffectiveSuppression) throws -> Void) throws -> LedgerPosition {
        let position = try Self.lastPosition(db)
        let own = try Row.fetchCursor(db, sql: """
            SELECT identifier AS target, scope, channels FROM preference ORDER BY identifier, scope
            """)
        // Persons of one identifier, which is nearly all of them, have no row in the partial index and cost nothing here.
        let inherited = try Row.fetchCursor(db, sql: """
            SELECT m.id AS target, p.scope, p.channels
            FROM (SELECT DISTINCT person FROM identifier WHERE person <> id) AS shared
            JOIN identifier o ON o.id = shared.person OR (o.person = shared.person AND o.person <> o.id)
            JOIN preference p ON p.identifier = o.id AND p.reach = 1
            JOIN identifier m ON (m.id = shared.person OR (m.person = shared.person AND m.person <> m.id)) AND m.id <> o.id
            ORDER BY target, p.scope
            """)
        let lookup = try db.cachedStatement(sql: "SELECT kind, value FROM identifier WHERE id = ?")
        var merge = try SuppressionMerge(own, inherited)
        while let next = try merge.next() {
            guard let row = try Row.fetchOne(lookup, arguments: [next.target]) else {
                throw LedgerFailure.damaged("identifier row \(next.target) is missing")
            }
            try body(EffectiveSuppression(
                identifier: try EffectiveState.identifier(kind: row[0], value: row[1]),
                scope: try EffectiveState.scope(next.scope), channels: try EffectiveState.channels(next.channels)))
        }
        return position
    }

    /// Hands what the events after `position` did to `body`: the present state of everything they may have changed, in batches.
    /// Not one change for each event; an event's effect may already include that of later ones.
    public func forEachChange(after position: LedgerPosition, _ body: (SuppressionChange) throws -> Void) throws {
        var last = position
        // Between the reads, and not within: `body` may ask the ledger.
        while let change = try change(after: last) {
            last = change.position
            try body(change)
        }
    }

    private func change(after position: LedgerPosition) throws -> SuppressionChange? {
        try pool.read { db in
            let batch = try Self.events(after: position, limit: 2000, db)
            guard let end = batch.last else { return nil }
            return SuppressionChange(position: end.position, states: try EffectiveState(db: db).states(affectedBy: batch.map(\.event)))
        }
    }
}

/// Joins two streams that are sorted by target and scope, adding up the channels of equal pairs.
private struct SuppressionMerge {
    struct Item { var target: Int64, scope: String, channels: Int64 }

    private let cursors: [RowCursor]
    private var heads: [Item?]

    init(_ a: RowCursor, _ b: RowCursor) throws {
        cursors = [a, b]
        heads = [try Self.item(a), try Self.item(b)]
    }

    mutating func next() throws -> Item? {
        guard var current = try takeSmallest() else { return nil }
        while heads.contains(where: { $0?.target == current.target && $0?.scope == current.scope }), let same = try takeSmallest() {
            current.channels |= same.channels
        }
        return current
    }

    private mutating func takeSmallest() throws -> Item? {
        let index: Int
        switch (heads[0], heads[1]) {
        case (nil, nil): return nil
        case (_, nil): index = 0
        case (nil, _): index = 1
        case (let a?, let b?): index = Self.precedes(b, a) ? 1 : 0
        }
        let taken = heads[index]
        heads[index] = try Self.item(cursors[index])
        return taken
    }

    /// SQLite's BINARY order: by the bytes of the UTF-8, which is also the order of Unicode scalars.
    private static func precedes(_ a: Item, _ b: Item) -> Bool {
        a.target != b.target ? a.target < b.target : a.scope.utf8.lexicographicallyPrecedes(b.scope.utf8)
    }

    private static func item(_ cursor: RowCursor) throws -> Item? {
        try cursor.next().map { Item(target: $0[0], scope: $0[1], channels: $0[2]) }
    }
}
