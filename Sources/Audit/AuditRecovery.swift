/// What opening a log found.
public struct AuditRecovery: Hashable, Sendable {
    /// The last record that was there, 0 in a new log.
    public var lastSequence: UInt64 = 0
    /// The segment that is being written.
    public var segment: UInt64 = 1
    /// Bytes at the end that no seal covered, as a crash leaves them: cut, and kept in ``cutFile``. No send went out on them
    /// unless ``AuditSettings/durability`` was batch.
    public var cutBytes = 0
    /// Name of the file that holds them, in the log's directory.
    public var cutFile: String?
    /// The cut was made because ``AuditSettings/repair`` was set and would have been refused otherwise.
    public var isRepair = false
}
