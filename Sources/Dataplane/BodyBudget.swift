import Synchronization

/// The request bodies that all workers together hold in memory, against the limit of the process. A worker's own share would
/// shrink with the number of cores until one large mail no longer fits.
final class BodyBudget: Sendable {
    let limit: Int
    private let held = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// - Returns: whether the limit still holds.
    func charge(_ count: Int) -> Bool { held.add(count, ordering: .relaxed).newValue <= limit }

    func release(_ count: Int) { held.subtract(count, ordering: .relaxed) }

    /// Near the limit new bodies are turned away, so that those under way can finish.
    var isNearlySpent: Bool { held.load(ordering: .relaxed) > limit / 100 * 95 }
}
