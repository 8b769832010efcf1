import Dataplane
import Dispatch
import Synchronization

/// Waits until every event loop has ended the turn in which a change may have been missed.
///
/// A change to the index is visible at once to every look-up that begins after it. What is left is a send that was looked up just
/// before and whose bytes wait for the end of that loop turn. So a first letter is taken by every worker, in the turn
/// that may hold such a send, and a second one, which can only be taken in a later turn: by then its bytes have left, or
/// it was judged anew.
final class WorkerBarrier: Sendable {
    struct Timeout: Error, CustomStringConvertible {
        var description: String { "the event loops did not answer in time; the change is recorded, but it is not sure that every send has seen it" }
    }

    private let engine: Engine
    private let hasEnded = Atomic<Bool>(false)

    init(engine: Engine) { self.engine = engine }

    /// The workers have ended: nothing can leave any more.
    func engineEnded() { hasEnded.store(true, ordering: .releasing) }

    /// Blocks for about one loop turn.
    /// - Throws: ``Timeout`` after 10 seconds.
    func pass() throws(Timeout) {
        let deadline = DispatchTime.now() + .seconds(10)
        for _ in 0..<2 {
            let passed = DispatchSemaphore(value: 0)
            engine.onEachWorker { _ in passed.signal() }
            for _ in 0..<engine.workerCount {
                while passed.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
                    if hasEnded.load(ordering: .acquiring) { return }
                    if DispatchTime.now() > deadline { throw Timeout() }
                }
            }
        }
    }
}
