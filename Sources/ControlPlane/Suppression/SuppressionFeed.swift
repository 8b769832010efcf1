import Ledger
import Recipients
import Suppression
import Synchronization

/// Carries what the ledger commits into the index. Called inside the append, so that an append that returned is in force.
final class SuppressionFeed: SuppressionSink {
    private let index: SuppressionIndex
    private let keys: ScopeKeys
    private let broken = Mutex<String?>(nil)

    init(index: SuppressionIndex, secret: DigestSecret) {
        self.index = index
        keys = ScopeKeys(secret: secret)
    }

    /// Why the index lacks what the ledger has, or `nil`. Final: nothing may be acknowledged any more.
    var failure: String? { broken.withLock { $0 } }

    func apply(_ change: Ledger.SuppressionChange) {
        do {
            let changes = keys.changes(change)
            if changes.isEmpty { index.advance(to: change.position) } else { try index.apply(changes, ledgerPosition: change.position) }
        } catch {
            broken.withLock { $0 = $0 ?? "\(error)" }
        }
    }
}
