/// One record as it is read back.
public enum AuditEntry: Hashable, Sendable {
    case decision(AuditDecision)
    case outcome(AuditOutcome)
    case event(AuditEvent)
    /// A process began or ended, a segment began, the clock was set.
    case mark(AuditMark)

    public var stamp: AuditStamp {
        switch self {
        case .decision(let decision): decision.stamp
        case .outcome(let outcome): outcome.stamp
        case .event(let event): event.stamp
        case .mark(let mark): mark.stamp
        }
    }
}
