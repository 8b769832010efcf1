/// Matches on their way out, in the order of the log. A decision waits for its outcome and holds up what stands behind it;
/// an hour of log time is the longest it waits.
struct PendingDecisions {
    private static let patience: Int64 = 3_600_000_000

    private var queue: [(entry: AuditEntry, isSettled: Bool)] = []
    private var first = 0
    /// Place in the queue, counted since the start, of every decision that waits.
    private var waiting: [AuditID: Int] = [:]
    private var dropped = 0
    private var latest: Int64 = .min

    var isEmpty: Bool { first == queue.count }

    mutating func add(_ entry: AuditEntry) {
        var isSettled = true
        if case .decision(let decision) = entry, decision.fate == .unknown {
            isSettled = false
            waiting[decision.id] = dropped + queue.count
        }
        queue.append((entry, isSettled))
        latest = max(latest, entry.stamp.instant.wall)
    }

    mutating func settle(_ outcome: AuditOutcome) {
        latest = max(latest, outcome.stamp.instant.wall)
        guard let place = waiting.removeValue(forKey: outcome.decision) else { return }
        let index = place - dropped
        guard case .decision(var decision) = queue[index].entry else { return }
        decision.fate = .known(outcome)
        queue[index] = (.decision(decision), true)
    }

    /// Nothing more will be written about any of them: the process has ended, or the log has.
    mutating func giveUp() {
        waiting.removeAll()
        for index in first..<queue.count { queue[index].isSettled = true }
    }

    /// Hands out what need not wait any more.
    /// - Returns: `false` when `body` wants no more.
    mutating func drain(_ body: (AuditEntry) -> Bool) -> Bool {
        while first < queue.count {
            let (entry, isSettled) = queue[first]
            guard isSettled || entry.stamp.instant.wall < latest - Self.patience else { break }
            if !isSettled, case .decision(let decision) = entry { waiting.removeValue(forKey: decision.id) }
            first += 1
            if !body(entry) { return false }
        }
        if first > 1024, first * 2 > queue.count {
            queue.removeFirst(first)
            dropped += first
            first = 0
        }
        return true
    }
}
