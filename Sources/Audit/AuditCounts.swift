import Synchronization

/// What the writer has done since it was started, for metrics and tests.
public final class AuditCounts: Sendable {
    private let recordCount = Atomic<UInt64>(0)
    private let commitCount = Atomic<UInt64>(0)
    private let byteCount = Atomic<UInt64>(0)

    /// Lines written, seals not counted.
    public var records: UInt64 { recordCount.load(ordering: .relaxed) }
    /// Writes with their syncs.
    public var commits: UInt64 { commitCount.load(ordering: .relaxed) }
    public var bytes: UInt64 { byteCount.load(ordering: .relaxed) }

    func add(records: UInt64, bytes: Int) {
        recordCount.wrappingAdd(records, ordering: .relaxed)
        commitCount.wrappingAdd(1, ordering: .relaxed)
        byteCount.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    }
}
