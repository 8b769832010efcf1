import Foundation
import Synchronization

/// A worker on a thread of its own.
final class WorkerThread: @unchecked Sendable {
    private let worker: LoadWorker
    private let done = DispatchSemaphore(value: 0)
    private let isFinished = Atomic<Bool>(false)
    /// Complete once ``wait()`` has returned.
    private(set) var tally = Tally()

    init(_ worker: LoadWorker) { self.worker = worker }

    var isDone: Bool { isFinished.load(ordering: .acquiring) }

    func start() {
        let thread = Thread {
            self.tally = self.worker.run()
            self.isFinished.store(true, ordering: .releasing)
            self.done.signal()
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    func wait() { done.wait() }
}
