import Foundation
import GRDB

/// What a verification found.
public struct LedgerVerification: Equatable, Sendable {
    public let events: LedgerPosition
    /// One line for each contradiction, at most ``PreferenceLedger/problemLimit``; empty when the ledger is sound.
    public let problems: [String]
    /// Whether its tables could be read to the end. If not, asking the ledger anything else is not safe.
    public let isReadable: Bool
    public var isSound: Bool { problems.isEmpty }
}

extension PreferenceLedger {
    public static let problemLimit = 100

    /// Checks the file's own structure, the hash chain over all events, and that the derived tables hold exactly what the
    /// events fold to, by folding them again into a temporary database beside.
    /// - Complexity: linear in the events; the temporary database grows to the size of the derived tables. No append runs
    ///   meanwhile when the ledger is open for writing.
    public func verify(progress: ((_ position: LedgerPosition, _ of: LedgerPosition) -> Void)? = nil) throws -> LedgerVerification {
        // A connection of its own, because a pool's readers cannot attach the database to fold into.
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in try db.execute(sql: "ATTACH DATABASE '' AS aside") }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return try exclusively {
            try queue.inDatabase { db in
                var problems: [String] = []
                for line in try String.fetchAll(db, sql: "PRAGMA main.integrity_check(20)") where line != "ok" { problems.append("file: " + line) }
                // What breaks SQLite's own rules, types among them, is not read on: reading it would end the process.
                let hasItsTables = try Self.compareSchema(db, &problems)
                guard hasItsTables, !problems.contains(where: { $0.hasPrefix("file: ") }) else {
                    return LedgerVerification(events: 0, problems: Array(problems.prefix(Self.problemLimit)), isReadable: false)
                }
                try db.execute(sql: LedgerSchema.derivedTables(in: "aside"))
                var events: LedgerPosition = 0, isReadable = true
                // Never committed: this connection only looks.
                try db.inTransaction(.deferred) {
                    do {
                        events = try Self.replay(into: PreferenceFold(schema: "aside"), db, problems: &problems, progress: progress)
                    } catch LedgerFailure.damaged(let what) {
                        problems.append(what)
                        isReadable = false
                        return .rollback
                    }
                    for table in LedgerSchema.derivedTableNames {
                        for (here, there, what) in [("main", "aside", "does not follow from the events"), ("aside", "main", "is missing")] {
                            let rows = try Row.fetchAll(db, sql: """
                                SELECT * FROM \(here).\(table) EXCEPT SELECT * FROM \(there).\(table) LIMIT \(Self.problemLimit)
                                """)
                            problems += rows.map { "\(table): \(Self.plain($0)) \(what)" }
                        }
                    }
                    return .rollback
                }
                return LedgerVerification(events: events, problems: Array(problems.prefix(Self.problemLimit)), isReadable: isReadable)
            }
        }
    }

    /// Throws the derived tables away and folds all events again, in one transaction: a crash leaves the old tables.
    /// The events are taken as they are; ``verify(progress:)`` says whether they are sound.
    public func rebuild(progress: ((_ position: LedgerPosition, _ of: LedgerPosition) -> Void)? = nil) throws {
        try exclusively {
            try pool.write { db in
                for table in LedgerSchema.derivedTableNames { try db.execute(sql: "DROP TABLE \(table)") }
                try db.execute(sql: LedgerSchema.derivedTables(in: "main"))
                var ignored: [String] = []
                _ = try Self.replay(into: PreferenceFold(), db, problems: &ignored, progress: progress)
            }
        }
    }

    func rebuildIfOutdated() throws {
        let version = try pool.read { db in try Int.fetchOne(db, sql: "SELECT value FROM ledger_state WHERE name = 'fold_version'") }
        if version != LedgerSchema.foldVersion { try rebuild() }
    }

    /// Writes a consistent copy to `path` (mode 0600) while the ledger stays in use.
    /// - Throws: ``LedgerFailure/cannotOpen(path:cause:)`` when there is a file at `path` already.
    public func backup(to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw LedgerFailure.cannotOpen(path: path, cause: "there is a file already; a backup never overwrites one")
        }
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw LedgerFailure.cannotOpen(path: path, cause: "cannot create the file")
        }
        do {
            try pool.backup(to: try DatabaseQueue(path: path))
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL || error.resultCode == .SQLITE_IOERR {
            throw LedgerFailure.cannotOpen(path: path, cause: "its disk is full, or fails (SQLite \(error.resultCode))")
        }
    }

    /// Compares tables, indexes, triggers and views with those that this version makes in a new file.
    /// - Returns: whether every table is there as it is to be.
    private static func compareSchema(_ db: Database, _ problems: inout [String]) throws -> Bool {
        struct Thing: Hashable {
            let type: String, name: String, sql: String
        }
        func things(_ db: Database) throws -> Set<Thing> {
            let rows = try Row.fetchAll(db, sql: "SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master WHERE sql IS NOT NULL")
            return Set(rows.map { Thing(type: $0[0] ?? "", name: $0[1] ?? "", sql: $0[2] ?? "") })
        }
        let model = try DatabaseQueue()
        try LedgerSchema.migrator.migrate(model)
        let expected = try model.read(things), found = try things(db)
        for thing in expected.subtracting(found).sorted(by: { $0.name < $1.name }) {
            problems.append("schema: the \(thing.type) \(thing.name) is missing, or is not as it is to be")
        }
        return expected.subtracting(found).allSatisfy { $0.type != "table" }
    }

    private static func replay(
        into fold: PreferenceFold, _ db: Database, problems: inout [String],
        progress: ((LedgerPosition, LedgerPosition) -> Void)?
    ) throws -> LedgerPosition {
        let end = try lastPosition(db)
        var expected = LedgerPosition(0)
        var hash = EventHash.beginning
        let cursor = try Row.fetchCursor(db, sql: "SELECT * FROM main.event ORDER BY position")
        while let row = try cursor.next() {
            let recorded = try EventColumns.recorded(row)
            expected += 1
            if recorded.position != expected {
                problems.append("event \(expected): missing; the next is \(recorded.position)")
                expected = recorded.position
            }
            let values: [DatabaseValue] = EventColumns.names.map { row[$0] }
            hash = EventHash.next(after: hash, position: recorded.position, recordedAt: recorded.recordedAt, values: values)
            if hash != recorded.hash {
                problems.append("event \(recorded.position): its hash does not fit; it or an earlier one was changed")
                hash = recorded.hash
            }
            try fold.apply(recorded, to: db)
            if expected % 10_000 == 0 { progress?(expected, end) }
        }
        progress?(end, end)
        return end
    }

    /// A row without identifiers in plain, for a report that may be pasted anywhere: row numbers find them.
    private static func plain(_ row: Row) -> String {
        row.filter { $0.0 != "value" || $0.1.storage.value is Int64 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}
