import GRDB
public import Recipients

/// Which suppressions a listing shows. Every condition that is set must hold.
public struct SuppressionFilter: Sendable {
    public var kind: IdentifierKind?
    /// Those that still block this channel.
    public var channel: Channel?
    public var scope: PreferenceScope?
    public var reason: String?
    public var method: EventSource.Method?
    public var system: String?
    /// The beginning of the canonical identifier: `+1415`.
    public var prefix: String?
    /// Recorded in this range, the end not included.
    public var recordedFrom: Timestamp?
    public var recordedBefore: Timestamp?

    public init() {}
}

/// One line of a listing: an opt-out event that still blocks, with the channels it still blocks.
public struct SuppressionListing: Equatable, Sendable {
    public let channels: ChannelSet
    public let event: RecordedEvent
}

extension PreferenceLedger {
    /// The opt-outs in force, in the order in which they were recorded.
    /// - Parameter position: where the page before ended: the position of its last line, 0 for the first page.
    /// - Complexity: a page without conditions costs its length; with them, a pass over the preferences after `position`.
    public func suppressions(
        _ filter: SuppressionFilter = .init(), after position: LedgerPosition = 0, limit: Int = 100
    ) throws -> [SuppressionListing] {
        var conditions = ["p.position > ?"]
        var arguments: StatementArguments = [Int64(clamping: position)]
        func require(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(sql)
            arguments += [value]
        }
        require("e.identifier_kind = ?", filter.kind.map { Int64($0.rawValue) })
        require("p.channels & ? <> 0", filter.channel.map { Int64(ChannelSet($0).rawValue) })
        require("p.scope = ?", filter.scope?.description)
        require("e.reason = ?", filter.reason)
        require("e.method = ?", filter.method?.rawValue)
        require("e.source_system = ?", filter.system)
        require("e.recorded_at >= ?", filter.recordedFrom?.milliseconds)
        require("e.recorded_at < ?", filter.recordedBefore?.milliseconds)
        if let prefix = filter.prefix {
            // Not LIKE: the prefix may hold its wildcards.
            conditions.append("substr(e.identifier, 1, length(?)) = ?")
            arguments += [prefix, prefix]
        }
        return try pool.read { [conditions, arguments] db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT p.channels AS still_blocked, e.* FROM preference p JOIN event e ON e.position = p.position
                    WHERE \(conditions.joined(separator: " AND ")) ORDER BY p.position LIMIT ?
                    """,
                arguments: arguments + [limit]
            ).map { SuppressionListing(channels: try EffectiveState.channels($0["still_blocked"]), event: try EventColumns.recorded($0)) }
        }
    }

    /// How many opt-outs are in force.
    public func countSuppressions() throws -> Int {
        try pool.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM preference") ?? 0 }
    }
}
