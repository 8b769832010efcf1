import Histogram

/// What one thread counted during one step. Times in nanoseconds.
struct Tally {
    /// Why a request or a connection came to nothing.
    enum Failure: String, CaseIterable, Codable { case connect, handshake, `protocol`, closed, reset, unfinished }

    /// From when a request was due to its whole answer: what a sender waits. In a closed loop it is due when it is sent.
    var response = Histogram<UInt64>(highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
    /// From when it was sent.
    var service = Histogram<UInt64>(highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
    /// From the beginning of a connection to the end of its handshake.
    var handshake = Histogram<UInt64>(highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
    var sent = 0
    /// Answers by what was expected of them.
    var accepted = 0, blocked = 0, wrong = 0
    /// Answers the mock provider was told to give (it marks them), and requests it was told to drop, which a gate answers with 502.
    var injected = 0, lost = 0
    var statuses: [Int: Int] = [:]
    var failures: [Failure: Int] = [:]
    var handshakes = 0, resumed = 0
    /// Requests that waited for a free connection.
    var delayed = 0

    mutating func merge(_ other: Tally) {
        for entry in other.response.recordedValues() { response.record(entry.value, count: entry.count) }
        for entry in other.service.recordedValues() { service.record(entry.value, count: entry.count) }
        for entry in other.handshake.recordedValues() { handshake.record(entry.value, count: entry.count) }
        sent += other.sent
        accepted += other.accepted
        blocked += other.blocked
        wrong += other.wrong
        injected += other.injected
        lost += other.lost
        statuses.merge(other.statuses, uniquingKeysWith: +)
        failures.merge(other.failures, uniquingKeysWith: +)
        handshakes += other.handshakes
        resumed += other.resumed
        delayed += other.delayed
    }

    var answered: Int { accepted + blocked + wrong + injected + lost }
}
