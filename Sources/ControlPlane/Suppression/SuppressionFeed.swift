import Ledger
import Recipients
import Suppression
import Synchronization

/// Carries what the ledger commits into the index. Called inside the append, so that an append that returned is in force.
///
/// The index knows one state for each identifier. Two scopes block sends today: everything, and all marketing, which is taken
/// for everything until programs say which sends are marketing. Their channels add up.
final class SuppressionFeed: SuppressionSink {
    static let marketing = PreferenceScope.purpose("marketing")

    private let index: SuppressionIndex
    private let secret: DigestSecret
    // The ledger holds its sink.
    private unowned let ledger: PreferenceLedger
    /// Whether any event ever was about all marketing: until then the states need no addition.
    private let knowsMarketing: Atomic<Bool>
    private let broken = Mutex<String?>(nil)

    init(ledger: PreferenceLedger, index: SuppressionIndex, secret: DigestSecret) throws {
        self.ledger = ledger
        self.index = index
        self.secret = secret
        var filter = SuppressionFilter()
        filter.scope = Self.marketing
        knowsMarketing = Atomic(try !ledger.suppressions(filter, limit: 1).isEmpty)
    }

    /// Why the index lacks what the ledger has, or `nil`. Final: nothing may be acknowledged any more.
    var failure: String? { broken.withLock { $0 } }

    static func blocks(_ scope: PreferenceScope) -> Bool { scope == .everything || scope == marketing }

    func apply(_ change: Ledger.SuppressionChange) {
        do {
            if change.states.contains(where: { $0.scope == Self.marketing }) { knowsMarketing.store(true, ordering: .releasing) }
            var changes: [Suppression.SuppressionChange] = []
            changes.reserveCapacity(change.states.count)
            for state in change.states where Self.blocks(state.scope) {
                changes.append(.init(key: state.identifier.key(secret: secret), channels: try channels(state)))
            }
            if changes.isEmpty { index.advance(to: change.position) } else { try index.apply(changes, ledgerPosition: change.position) }
        } catch {
            broken.withLock { $0 = $0 ?? "\(error)" }
        }
    }

    private func channels(_ state: EffectiveSuppression) throws -> ChannelSet {
        guard knowsMarketing.load(ordering: .acquiring) else { return state.channels }
        let all = try ledger.check(state.identifier)
        return all.blockedChannels(in: .everything).union(all.blockedChannels(in: Self.marketing))
    }
}
