/// Counts for metrics and for the decision when to compact.
public struct IndexStatistics: Sendable, Equatable {
    /// Keys in the snapshot.
    public let keys: Int
    /// Entries in the snapshot, one per key and source.
    public let entries: Int
    /// How many of the entries come from lists.
    public let listEntries: Int
    /// Keys changed since the snapshot. When this nears a hundredth of the snapshot, compact.
    public let changes: Int
    /// Bytes of the snapshot in memory.
    public let mappedBytes: Int
    /// Bytes of the tables of changes.
    public let changeBytes: Int
    /// Whether the kernel promised to keep the snapshot's pages in memory. If not, raise RLIMIT_MEMLOCK.
    public let isLocked: Bool
}

extension SuppressionIndex {
    public var statistics: IndexStatistics {
        writers.withLock { state in
            let parts = state.parts
            let layout = parts.snapshot?.layout
            return IndexStatistics(
                keys: Int(layout?.keyCount ?? 0), entries: Int(layout?.entryCount ?? 0),
                listEntries: Int(layout?.listEntryCount ?? 0),
                changes: parts.active.count + (parts.frozen?.count ?? 0), mappedBytes: Int(layout?.mappedBytes ?? 0),
                changeBytes: parts.active.bytes + (parts.frozen?.bytes ?? 0), isLocked: parts.snapshot?.isLocked ?? true)
        }
    }

    /// The snapshot in use.
    var snapshot: SnapshotFile? { writers.withLock { $0.parts.snapshot } }
}
