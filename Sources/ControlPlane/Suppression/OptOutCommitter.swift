import Dispatch
import Ledger
import Synchronization

/// The one way by which events become law: durable in the ledger, visible in the index, past every event loop. What it returned
/// for may be acknowledged, and nothing else may.
final class OptOutCommitter: Sendable {
    struct Unenforceable: Error, CustomStringConvertible {
        let description: String
    }

    typealias Completion = @Sendable (Result<AppendResult, any Error>) -> Void

    let ledger: PreferenceLedger
    private let feed: SuppressionFeed
    private let barrier: WorkerBarrier
    private let queue = DispatchQueue(label: "stopgate.commits")
    private let waiting = Mutex<[(event: PreferenceEvent, done: Completion)]>([])
    /// Events in one transaction.
    private static let batchSize = 256

    init(ledger: PreferenceLedger, feed: SuppressionFeed, barrier: WorkerBarrier) {
        self.ledger = ledger
        self.feed = feed
        self.barrier = barrier
    }

    /// Commits `events` as one transaction and blocks until they hold everywhere.
    /// - Throws: `LedgerFailure`, ``WorkerBarrier/Timeout``, ``Unenforceable``: nothing may be acknowledged.
    @discardableResult
    func commit(_ events: [PreferenceEvent], whenKnown: KnownEvent = .mustAgree) throws -> [AppendResult] {
        let results = try ledger.append(contentsOf: events, whenKnown: whenKnown)
        try settle()
        return results
    }

    /// Waits until what the ledger holds is enforced: for imports, which append by themselves.
    func settle() throws {
        if let failure = feed.failure {
            throw Unenforceable(description: "the index cannot take the ledger's changes (\(failure)); restart the gate")
        }
        try barrier.pass()
    }

    /// Commits `event` soon, together with others that wait, keeping the first of its id. `done` is called on another thread.
    func submit(_ event: PreferenceEvent, _ done: @escaping Completion) {
        let isFirst = waiting.withLock { list in
            list.append((event, done))
            return list.count == 1
        }
        if isFirst { queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let batch = waiting.withLock { list in
                let batch = Array(list.prefix(Self.batchSize))
                list.removeFirst(batch.count)
                return batch
            }
            if batch.isEmpty { return }
            do {
                let results = try commit(batch.map { $0.event }, whenKnown: .keepFirst)
                for (item, result) in zip(batch, results) { item.done(.success(result)) }
            } catch {
                guard batch.count > 1, case LedgerFailure.rejected = error else {
                    for item in batch { item.done(.failure(error)) }
                    continue
                }
                // One event that breaks a rule must not hold up its neighbours.
                for item in batch {
                    item.done(Result { try commit([item.event], whenKnown: .keepFirst)[0] })
                }
            }
        }
    }
}
