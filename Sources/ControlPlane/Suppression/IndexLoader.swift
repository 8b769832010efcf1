import Ledger
import Logging
import Recipients
import Suppression

/// Brings the index up to the ledger at a start, and keeps it compact later.
struct IndexLoader: Sendable {
    let ledger: PreferenceLedger
    let index: SuppressionIndex
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
        index.markReady()
    }

    private func rebuild() throws -> LedgerPosition {
        let rebuild = try index.beginRebuild(.everything)
        let position = try ledger.forEachSuppression { state in
            guard SuppressionFeed.blocks(state.scope) else { return }
            try rebuild.add(state.identifier.key(secret: secret), state.channels, source: .event)
        }
        // An index that was ahead keeps its position: its rows may not go back in time.
        try rebuild.commit(ledgerPosition: max(position, rebuild.ledgerPosition))
        return position
    }

    /// Writes the changes into a new snapshot when they are worth it.
    func compact(atLeast changes: Int) {
        let statistics = index.statistics
        guard statistics.changes >= max(changes, statistics.entries / 100) else { return }
        do {
            try index.compact()
            logger.info("index compacted", metadata: ["entries": "\(index.statistics.entries)"])
        } catch {
            logger.error("the index could not be compacted; it goes on as it is", metadata: ["problem": "\(error)"])
        }
    }
}
