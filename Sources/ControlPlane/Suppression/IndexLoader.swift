import Ledger
import Lists
import Logging
import Recipients
import Suppression

/// Brings the index up to the ledger at a start, and keeps it compact later.
struct IndexLoader: Sendable {
    let ledger: PreferenceLedger
    let index: SuppressionIndex
    let lists: ListStore
    let feed: SuppressionFeed
    let secret: DigestSecret
    let logger: Logger

    /// Applies what the snapshot lacks, or builds the index anew, attaches the feed, and opens the gate.
    func load() throws {
        var position = LedgerPosition(0)
        switch index.startup {
        case .opened(let found) where found <= (try ledger.lastPosition()):
            position = found
        case .opened(let found):
            logger.warning("the index is ahead of the ledger, which was restored from a backup? rebuilding", metadata: ["index_position": "\(found)"])
            position = try rebuild()
        case .none:
            if try ledger.lastPosition() > 0 { position = try rebuild() }
        case .damaged(let problem, let kept):
            logger.error("the index snapshot is damaged; rebuilding it from the ledger", metadata: ["problem": "\(problem)", "kept_as": "\(kept)"])
            position = try rebuild()
        }
        try ledger.attach(feed, after: position)
        if let failure = feed.failure { throw StartProblem("the index cannot take what the ledger holds: \(failure)") }
        index.advance(to: try ledger.lastPosition())
        if try lists.reconcile() { logger.notice("the lists were put into the index again") }
        for summary in try lists.describe() where summary.isCurrent && summary.isOutdated {
            logger.warning("a list was read under other recipient rules than those in force; load it again", metadata: ["list": "\(summary.version.name)"])
        }
        index.markReady()
    }

    private func rebuild() throws -> LedgerPosition {
        let rebuild = try index.beginRebuild(.everything)
        let position = try Self.addEvents(of: ledger, to: rebuild, secret)
        // An index that was ahead keeps its position: its rows may not go back in time.
        try rebuild.commit(ledgerPosition: max(position, rebuild.ledgerPosition))
        return position
    }

    /// Adds all that the ledger suppresses.
    /// - Returns: the ledger position that it reflects.
    static func addEvents(of ledger: PreferenceLedger, to rebuild: SuppressionRebuild, _ secret: DigestSecret) throws -> LedgerPosition {
        let keys = ScopeKeys(secret: secret)
        return try ledger.forEachSuppression { try add($0, to: rebuild, keys) }
    }

    /// The same of a view.
    static func addEvents(of view: LedgerView, to rebuild: SuppressionRebuild, _ secret: DigestSecret) throws {
        let keys = ScopeKeys(secret: secret)
        try view.forEachSuppression { try add($0, to: rebuild, keys) }
    }

    private static func add(_ state: EffectiveSuppression, to rebuild: SuppressionRebuild, _ keys: ScopeKeys) throws {
        for key in keys.keys(of: state.identifier, in: state.scope) { try rebuild.add(key, state.channels, source: .event) }
    }

    /// Writes the changes into a new snapshot when they are worth it.
    func compact(atLeast changes: Int) {
        let statistics = index.statistics
        guard statistics.changes >= max(changes, statistics.entries / 100) else { return }
        do {
            try index.compact()
            logger.info("index compacted", metadata: ["entries": "\(index.statistics.entries)"])
        } catch SuppressionError.busy {
            // A list is being loaded, which compacts as well.
            return
        } catch {
            logger.error("the index could not be compacted; it goes on as it is", metadata: ["problem": "\(error)"])
        }
    }
}
