public import Adapters

/// What becomes of one send.
public enum Verdict: Equatable, Sendable {
    /// It goes on as it came.
    case allow
    /// It goes on without its blocked recipients: ``Inspector/appendRewritten(_:into:)`` writes the body.
    case strip
    /// Somebody it is for must not be contacted and nobody else is left, or nobody may be taken out. The answer is the
    /// endpoint's own error: ``Inspector/appendSuppressed(auditID:into:)``.
    case reject
    /// It cannot be judged, or asks for something policy forbids. ``NativeErrors/appendRefusal(_:detail:field:into:)`` with
    /// ``Inspector/detail`` writes the answer.
    case refuse(Refusal)

    /// The word for metrics, the audit log and the header `stopgate-verdict`.
    public var label: StaticString {
        switch self {
        case .allow: "allow"
        case .strip: "strip"
        case .reject: "reject"
        case .refuse: "refuse"
        }
    }
}
