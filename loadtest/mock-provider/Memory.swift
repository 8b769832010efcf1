import Foundation
import Synchronization

/// What the mock was sent and how it is told to behave; shared by its workers.
final class Memory: Sendable {
    struct Request: Sendable, Encodable {
        var method: String
        var host: String
        var path: String
        var protocolVersion: String
        var fields: [[String]]
        var body: Data
    }

    struct Behaviour: Sendable, Decodable {
        /// Answer with this status and an empty JSON object instead of success.
        var status: Int?
        var delayMilliseconds: Int?
        /// In place of `delayMilliseconds`.
        var delay: Latency?
        /// Shares of requests that come to nothing: by status, or `reset`.
        var faults: [String: Double]?
        /// Answer with the error of this name in the provider's file.
        var error: String?

        /// What becomes of one request; `nil` when it is answered as it should be.
        func fault(_ random: inout some RandomNumberGenerator) -> Fault? {
            guard let faults, !faults.isEmpty else { return nil }
            var place = Double.random(in: 0..<1, using: &random)
            for (name, share) in faults {
                place -= share
                if place < 0 { return Fault(name) }
            }
            return nil
        }

        /// What is wrong with it, in one sentence; `nil` when it can be done.
        var problem: String? {
            for (name, share) in faults ?? [:] where Fault(name) == nil || !(0...1).contains(share) {
                return "faults: '\(name)': \(share) is no share of requests by status (400 to 599) or reset"
            }
            return (faults ?? [:]).values.reduce(0, +) <= 1 ? nil : "faults: the shares are more than 1 together"
        }
    }

    private struct State {
        var requests: [Request] = []
        var behaviour = Behaviour()
        var count = 0
        var faults: [String: Int] = [:]
    }

    private let limit: Int
    private let delayMilliseconds: Int
    private let state = Mutex(State())

    init(limit: Int, delayMilliseconds: Int) {
        self.limit = limit
        self.delayMilliseconds = delayMilliseconds
    }

    /// Whether requests are worth describing at all.
    var remembers: Bool { limit > 0 }

    func add(_ request: Request?) -> Int {
        state.withLock { state in
            state.count += 1
            if let request, state.requests.count < limit { state.requests.append(request) }
            return state.count
        }
    }

    func count(_ fault: Fault) { state.withLock { $0.faults[fault.name, default: 0] += 1 } }

    /// How many requests came to nothing on purpose, by the name of the fault.
    var faults: [String: Int] { state.withLock { $0.faults } }
    var count: Int { state.withLock { $0.count } }
    var requests: [Request] { state.withLock { $0.requests } }

    func forget() {
        state.withLock {
            $0.requests.removeAll()
            $0.count = 0
            $0.faults.removeAll()
        }
    }

    var behaviour: Behaviour {
        get {
            var behaviour = state.withLock { $0.behaviour }
            if behaviour.delayMilliseconds == nil, delayMilliseconds > 0 { behaviour.delayMilliseconds = delayMilliseconds }
            return behaviour
        }
        set { state.withLock { $0.behaviour = newValue } }
    }
}
