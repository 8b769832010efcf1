import GRDB

/// The ledger as it was at one moment, however much is appended meanwhile. While it lives, SQLite's log is not folded into the
/// file beyond it: let it go.
public final class LedgerView: Sendable {
    /// The last event that it includes.
    public let position: LedgerPosition
    private let snapshot: DatabaseSnapshot

    init(_ pool: DatabasePool) throws {
        snapshot = try pool.makeSnapshot()
        position = try snapshot.read { try PreferenceLedger.lastPosition($0) }
    }

    /// Hands every effective suppression to `body`, as ``PreferenceLedger/forEachSuppression(_:)`` does.
    public func forEachSuppression(_ body: (EffectiveSuppression) throws -> Void) throws {
        _ = try snapshot.read { try PreferenceLedger.forEachSuppression(in: $0, body) }
    }
}

extension PreferenceLedger {
    /// A view of the ledger, and what `body` gives, both of one moment between two appends.
    /// - Parameter body: runs while no append can: keep it short.
    public func view<T>(with body: () throws -> T) throws -> (ledger: LedgerView, other: T) {
        try exclusively { (try LedgerView(pool), try body()) }
    }
}
