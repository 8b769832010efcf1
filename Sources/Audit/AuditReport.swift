/// What a check of a log found.
public struct AuditReport: Hashable, Sendable {
    /// Number of the first segment that is there. Above 1 when older ones were removed: nothing can be said about those.
    public var firstSegment: UInt64 = 0
    public var segments = 0
    public var firstSequence: UInt64?
    /// Records and seals up to the first problem.
    public var records: UInt64 = 0
    public var seals: UInt64 = 0
    public var bytes = 0
    /// How often the log itself says that the clock was set by more than a second.
    public var clockSteps: UInt64 = 0
    /// The end of what was found good. Keep it elsewhere: ``AuditVerifier/verify(isLive:contains:)`` takes it back.
    public var head: AuditHead?
    /// Bytes behind the last seal of a log that is being written.
    public var unsealedBytes = 0
    /// The first thing that is wrong; `nil` when nothing is.
    public var problem: AuditProblem?

    public var isGood: Bool { problem == nil }
}
