import Synchronization

/// Lets one in at a time, and turns others away.
final class Turnstile: Sendable {
    private let isTaken = Atomic<Bool>(false)

    func enter() -> Bool { isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged }
    func leave() { isTaken.store(false, ordering: .releasing) }
}
