import Dataplane
import Foundation
import Synchronization

/// Wakes parked requests later, a millisecond's worth at a time: one thread for all of them, because a timer for each costs more than
/// the request.
final class DelayLine: Sendable {
    /// Tickets by the millisecond they are due in.
    private let waiting = Mutex<[UInt64: [ParkTicket]]>([:])
    private let filled = DispatchSemaphore(value: 0)

    init() {
        let thread = Thread { [self] in
            while true {
                let isEmpty = waiting.withLock { $0.isEmpty }
                if isEmpty { filled.wait() }
                usleep(500)
                let now = Self.now()
                let due = waiting.withLock { waiting in
                    let moments = waiting.keys.filter { $0 <= now }
                    return moments.flatMap { waiting.removeValue(forKey: $0) ?? [] }
                }
                for ticket in due { ticket.resume(.done) }
            }
        }
        thread.start()
    }

    func resume(_ ticket: ParkTicket, after milliseconds: Double) {
        let moment = Self.now() + UInt64(milliseconds.rounded())
        let wasEmpty = waiting.withLock { waiting in
            defer { waiting[moment, default: []].append(ticket) }
            return waiting.isEmpty
        }
        if wasEmpty { filled.signal() }
    }

    private static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
}
