import Foundation
import Synchronization

/// What the threads of a step share: when they begin, whether it is over, and counts for the progress line.
final class StepState: Sendable {
    let threads: Int
    private let arrived = Atomic<Int>(0)
    private let over = Atomic<Bool>(false)
    private let sent = Atomic<Int>(0)
    private let answers = Atomic<Int>(0)

    init(threads: Int) { self.threads = threads }

    var isOver: Bool { over.load(ordering: .relaxed) }
    var sentSoFar: Int { sent.load(ordering: .relaxed) }
    var answeredSoFar: Int { answers.load(ordering: .relaxed) }
    var hasBegun: Bool { arrived.load(ordering: .acquiring) >= threads }

    func end() { over.store(true, ordering: .relaxed) }

    /// Returns when all threads have their connections.
    func arriveAndWait() {
        arrived.add(1, ordering: .acquiringAndReleasing)
        while !hasBegun { usleep(1000) }
    }

    func countSent(limit: Int?) {
        let now = sent.add(1, ordering: .relaxed).newValue
        if let limit, now >= limit { end() }
    }

    func countAnswer() { answers.add(1, ordering: .relaxed) }
}
