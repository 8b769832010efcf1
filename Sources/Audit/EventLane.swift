import Synchronization

/// The lane that all threads but the workers share, under a lock.
final class EventLane: @unchecked Sendable {
    private let lane: AuditLane
    private let ring: AuditRing
    private let signals: AuditSignals
    private let lock: ConditionLock

    init(lane: AuditLane, ring: AuditRing, signals: AuditSignals, lock: ConditionLock) {
        self.lane = lane
        self.ring = ring
        self.signals = signals
        self.lock = lock
    }

    /// Appends and waits for the disk.
    func record(_ event: borrowing EventRecord, at instant: AuditInstant) throws(AuditFailure) {
        lock.lock()
        defer { lock.unlock() }
        let ticket = try append(event, at: instant)
        while ring.durable.load(ordering: .acquiring) < ticket.number {
            let state = signals.state
            guard state.takesRecords else {
                // Closing in good order writes what was published before it says so.
                if ring.durable.load(ordering: .acquiring) >= ticket.number { return }
                throw .notRunning(state)
            }
            lock.wait()
        }
    }

    private func append(_ event: borrowing EventRecord, at instant: AuditInstant) throws(AuditFailure) -> AuditTicket {
        while true {
            guard !signals.closing.load(ordering: .sequentiallyConsistent) else { throw .notRunning(.closed) }
            switch lane.append(event, at: instant) {
            case .queued(let ticket):
                lane.publish()
                return ticket
            case .full:
                lock.wait()
            case .refused:
                let state = signals.state
                if state.takesRecords { throw .tooLarge }
                throw .notRunning(state)
            }
        }
    }
}
