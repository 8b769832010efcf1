import CLinux
import Glibc
import Synchronization

/// What other threads tell a worker.
enum Letter: Sendable {
    case resume(exchange: UInt, generation: UInt64, ParkResult)
    case resolved(pool: Int, [ResolvedAddress], failed: Bool)
    case drain
    case stop
    case run(@Sendable (Worker) -> Void)
}

/// A worker's letter box: any thread puts letters in and wakes the loop; the worker empties it once per turn.
final class Mailbox: Sendable {
    private let letters = Mutex<[Letter]>([])
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        precondition(descriptor >= 0, "eventfd failed: errno \(errno)")
    }

    deinit { close(descriptor) }

    func post(_ letter: Letter) {
        let wasEmpty = letters.withLock { list in
            list.append(letter)
            return list.count == 1
        }
        guard wasEmpty else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func takeAll() -> [Letter] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return letters.withLock { list in
            let taken = list
            list.removeAll(keepingCapacity: true)
            return taken
        }
    }
}
