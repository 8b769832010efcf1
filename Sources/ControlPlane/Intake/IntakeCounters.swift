import Intake
import Ledger
import Synchronization

/// What became of webhooks, for the metrics.
final class IntakeCounters: Sendable {
    enum Event: Hashable, Sendable {
        case recorded(EventAction), replayed, forwarded, refused(IntakeRefusal), unknownPath, methodNotAllowed, failed

        /// The label in `stopgate_intake_webhooks_total`.
        var label: String {
            switch self {
            case .recorded(let action): action.rawValue
            case .replayed: "replayed"
            case .forwarded: "forwarded"
            case .refused(let refusal): refusal.rawValue
            case .unknownPath: "unknown-path"
            case .methodNotAllowed: "method-not-allowed"
            case .failed: "failed"
            }
        }
    }

    private static let all: [Event] =
        [EventAction.optOut, .optIn, .needsReview].map { .recorded($0) } + [.replayed, .forwarded]
        + IntakeRefusal.allCases.map { .refused($0) } + [.unknownPath, .methodNotAllowed, .failed]

    private let counts = Mutex<[Event: UInt64]>([:])

    func count(_ event: Event) { counts.withLock { $0[event, default: 0] += 1 } }

    /// Every label with its count, zeros included, in a stable order.
    var snapshot: [(label: String, count: UInt64)] {
        let counts = counts.withLock { $0 }
        return Self.all.map { ($0.label, counts[$0] ?? 0) }
    }
}
