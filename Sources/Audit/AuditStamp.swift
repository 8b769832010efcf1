/// Where and when a record was written.
public struct AuditStamp: Hashable, Sendable {
    public var sequence: UInt64
    /// The segment's file name, and the line in it counted from 1.
    public var file: String
    public var line: Int
    /// UTC, as the file has it.
    public var time: String
    /// The two clocks.
    public var instant: AuditInstant
}
