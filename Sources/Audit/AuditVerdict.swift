/// The verdict on a whole request. The raw value crosses the ring, the ``name`` is what the log holds.
public enum AuditVerdict: UInt8, CaseIterable, Sendable {
    /// Forwarded as it came.
    case allow = 0
    /// Forwarded without its blocked recipients.
    case strip
    /// Answered here because a recipient is suppressed.
    case reject
    /// Answered here because the request could not be judged: ambiguous, unmatched, over a limit, or we were not ready.
    case refuse
    /// Forwarded although enforcement would have blocked something.
    case monitor

    public var name: String {
        switch self {
        case .allow: "allow"
        case .strip: "strip"
        case .reject: "reject"
        case .refuse: "refuse"
        case .monitor: "monitor"
        }
    }

    public init?(name: some StringProtocol) {
        guard let match = AuditVerdict.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
