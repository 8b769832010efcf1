import Recipients

/// One consistent picture of the index: everything a look-up touches, by plain pointers. Never changed after it is published;
/// replaced as a whole when the snapshot or a delta table is.
struct IndexView {
    let table: SnapshotTable
    let active: DeltaTable.Face
    /// The changes that a compaction is merging. Without one, an empty table.
    let frozen: DeltaTable.Face
    /// Blocked for every key, whatever the tables say: all channels while the index is loading, none after.
    let floor: UInt16

    @inline(__always)
    func blocked(_ key: KeyPosition) -> UInt16 {
        if active.mayContain(key) || frozen.mayContain(key) { return floor | changed(key) }
        return floor | table.channels(key)
    }

    @inline(never)
    private func changed(_ key: KeyPosition) -> UInt16 { state(key).blocked.rawValue }

    /// The answers of the three tables, the newest first.
    func state(_ key: KeyPosition) -> SuppressionState {
        let value = active.value(key).over(frozen.value(key))
        return value.saysAll ? value.state : value.over(table.state(key))
    }
}
