import Dispatch
import Glibc
import Synchronization

/// Turns signals into calls on a queue, away from signal handlers and event loops.
final class SignalWatch: Sendable {
    // Touched at the start and the end only.
    private let sources: Mutex<[any DispatchSourceSignal]>

    init(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "stopgate.signals")
        sources = Mutex(numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { body(number) }
            source.resume()
            return source
        })
    }

    func cancel() { sources.withLock { list in list.forEach { $0.cancel() } } }
}
