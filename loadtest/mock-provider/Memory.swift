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
        /// Answer with the error of this name in the provider's file.
        var error: String?
    }

    private struct State {
        var requests: [Request] = []
        var behaviour = Behaviour()
        var count = 0
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

    var count: Int { state.withLock { $0.count } }
    var requests: [Request] { state.withLock { $0.requests } }

    func forget() {
        state.withLock {
            $0.requests.removeAll()
            $0.count = 0
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
