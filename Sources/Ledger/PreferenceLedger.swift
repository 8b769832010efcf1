import Foundation
import GRDB
import Recipients
import Synchronization

/// The durable, append-only record of what people asked for, and the preferences derived from it: one SQLite file in WAL
/// mode, one process that writes, any number that read.
///
/// ``append(_:)`` returns when the event is on disk **and** the attached ``SuppressionSink`` has applied it, in that order:
/// what it returned for may be acknowledged. Safe to call from any thread.
public final class PreferenceLedger: Sendable {
    let path: String
    let pool: DatabasePool
    private let lock: LedgerLock?
    private let writer: Mutex<Writer>
    private let now: @Sendable () -> Timestamp
    private let dueDates: DueDateRule

    private struct Writer {
        var sink: (any SuppressionSink)?
        var failure: LedgerFailure?
    }

    /// Opens the ledger at `path`, making an empty one (mode 0600) when there is none, and brings its schema up to date.
    /// - Parameter readOnly: for a process beside the one that writes; its appends fail.
    /// - Parameter now: the clock that stamps ``RecordedEvent/recordedAt``.
    /// - Parameter dueDates: what opt-outs without a due date get as theirs.
    /// - Parameter busyTimeout: how many seconds to wait for a write lock that another program holds.
    /// - Throws: ``LedgerFailure``.
    public init(
        path: String, readOnly: Bool = false, busyTimeout: Double = 5, dueDates: DueDateRule = .standard,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws {
        self.path = path
        self.now = now
        self.dueDates = dueDates
        lock = readOnly ? nil : try LedgerLock(ledger: path)
        // SQLite gives its -wal and -shm files the mode of the main file.
        if !readOnly, !FileManager.default.fileExists(atPath: path),
            !FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        {
            throw LedgerFailure.cannotOpen(path: path, cause: "cannot create the file; does the directory exist, and may we write to it?")
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.readonly = readOnly
        configuration.label = "ledger"
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            if readOnly {
                try pool.read { db in
                    guard try LedgerSchema.migrator.hasCompletedMigrations(db) else {
                        throw LedgerFailure.cannotOpen(path: path, cause: "its schema is not this version's; open it for writing once")
                    }
                }
            } else {
                // GRDB sets NORMAL when it turns WAL on, under which a commit can be lost with the power.
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                if try pool.read({ try LedgerSchema.migrator.hasBeenSuperseded($0) }) { throw LedgerFailure.newerSchema(path: path) }
                try LedgerSchema.migrator.migrate(pool)
            }
        } catch let failure as LedgerFailure {
            throw failure
        } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR || error.resultCode == .SQLITE_FULL {
            throw LedgerFailure.cannotOpen(path: path, cause: "\(error); is its disk full, or failing?")
        } catch {
            throw LedgerFailure.cannotOpen(path: path, cause: "\(error)")
        }
        writer = Mutex(Writer())
        if !readOnly { try rebuildIfOutdated() }
    }

    /// Records `event`. See ``append(contentsOf:)``.
    @discardableResult
    public func append(_ event: PreferenceEvent, whenKnown: KnownEvent = .mustAgree) throws -> AppendResult {
        try append(contentsOf: [event], whenKnown: whenKnown)[0]
    }

    /// Records `events` in one transaction: all of them or none. An event whose id is there already is not recorded again.
    /// - Returns: one result for each event, in order.
    /// - Throws: ``LedgerFailure``; nothing was recorded then, and nothing may be acknowledged.
    /// - Complexity: one sync of the disk; a few thousand events a call are a good size for imports.
    @discardableResult
    public func append(contentsOf events: [PreferenceEvent], whenKnown: KnownEvent = .mustAgree) throws -> [AppendResult] {
        for event in events {
            if let rejection = event.rejection() { throw LedgerFailure.rejected(rejection, eventID: event.id) }
        }
        guard !events.isEmpty else { return [] }
        return try writer.withLock { writer in
            if let failure = writer.failure { throw failure }
            do {
                let recordedAt = now()
                let collecting = writer.sink != nil
                let (results, change) = try pool.write { db in
                    var appender = try LedgerAppender(db: db, recordedAt: recordedAt, dueDates: dueDates)
                    let results = try events.map { try appender.append($0, whenKnown: whenKnown) }
                    return (results, collecting ? try appender.change() : nil)
                }
                if let change { writer.sink?.apply(change) }
                return results
            } catch {
                let failure = Self.failure(from: error)
                if case .storage = failure { writer.failure = failure }
                throw failure
            }
        }
    }

    /// Attaches the sink and hands it everything that happened after `position`, so that an index built at that position
    /// misses nothing between its building and now.
    public func attach(_ sink: any SuppressionSink, after position: LedgerPosition) throws {
        try writer.withLock { writer in
            try forEachChange(after: position) { sink.apply($0) }
            writer.sink = sink
        }
    }

    /// Why appends fail for good, or `nil` while the ledger works.
    public var failure: LedgerFailure? { writer.withLock { $0.failure } }

    /// The position of the last event; 0 in an empty ledger.
    public func lastPosition() throws -> LedgerPosition {
        try pool.read { try Self.lastPosition($0) }
    }

    static func lastPosition(_ db: Database) throws -> LedgerPosition {
        LedgerPosition(try Int64.fetchOne(db, sql: "SELECT max(position) FROM event") ?? 0)
    }

    /// Runs `body` as the one writer, with no append beside it.
    func exclusively<T>(_ body: () throws -> T) throws -> T {
        try writer.withLock { _ in try body() }
    }

    private static func failure(from error: any Error) -> LedgerFailure {
        switch error {
        case let failure as LedgerFailure: failure
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL: .diskFull
        case let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED: .busy
        case let error: .storage("\(error)")
        }
    }
}
