import Foundation
import Synchronization

/// The answers to calls that carried an `Idempotency-Key`, for a day, so that a caller who did not hear the answer may ask again. They do
/// not outlive the process; orders about people have their key in the ledger besides (``AdminCall/eventID(given:)``), which does.
final class IdempotencyStore: Sendable {
    enum Found: Sendable {
        /// Nobody made this call yet: make it, and tell ``end(_:answer:)``.
        case new
        case running
        /// The key was used for another call.
        case other
        case done(AdminAnswer)
    }

    private struct Entry {
        let fingerprint: [UInt8]
        let begun: ContinuousClock.Instant
        var answer: AdminAnswer?
    }

    static let lifetime: Duration = .seconds(24 * 3600)
    private let limit: Int
    private let entries = Mutex<(all: [String: Entry], order: [String])>(([:], []))

    /// - Parameter limit: answers that are kept; the oldest go first.
    init(limit: Int = 10_000) { self.limit = limit }

    /// - Parameter key: the caller's name and his key.
    /// - Parameter fingerprint: a digest of everything that the call asks for.
    func begin(_ key: String, _ fingerprint: [UInt8], now: ContinuousClock.Instant = .now) -> Found {
        entries.withLock { entries in
            if let entry = entries.all[key], now - entry.begun < Self.lifetime {
                guard entry.fingerprint == fingerprint else { return .other }
                return entry.answer.map { .done($0) } ?? .running
            }
            if entries.all[key] == nil { entries.order.append(key) }
            entries.all[key] = Entry(fingerprint: fingerprint, begun: now)
            while entries.order.count > limit { entries.all[entries.order.removeFirst()] = nil }
            return .new
        }
    }

    /// - Parameter answer: `nil` when the call came to nothing: it may be made again.
    func end(_ key: String, answer: AdminAnswer?) {
        entries.withLock { entries in
            if let answer {
                entries.all[key]?.answer = answer
            } else {
                entries.all[key] = nil
                entries.order.removeAll { $0 == key }
            }
        }
    }
}
