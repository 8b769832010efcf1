/// A snapshot and the changes frozen over it, merged into one stream of records in the order of their positions.
struct FrozenRecords: ~Copyable {
    private var scanner: SnapshotScanner?
    private var pending: SnapshotRecord?
    private let changes: [Change]
    private var nextChange = 0
    /// The entries of a snapshot made from this stream, exactly.
    let entryCount: Int

    private struct Change {
        let key: KeyPosition
        let value: DeltaValue

        /// The record the change makes where the snapshot has none.
        var record: SnapshotRecord {
            SnapshotRecord(position: key.position, fingerprint: key.fingerprint, state: value.over(SuppressionState.none))
        }
    }

    init(_ snapshot: SnapshotFile?, _ delta: DeltaTable) throws(SuppressionError) {
        var changes: [Change] = []
        changes.reserveCapacity(delta.count)
        delta.forEach { changes.append(Change(key: $0, value: $1)) }
        changes.sort { SnapshotRecord.precedes($0.record, $1.record) }
        var entryCount = Int(snapshot?.layout.entryCount ?? 0)
        let table = snapshot?.table ?? SnapshotTable.empty
        for change in changes {
            let old = table.state(change.key)
            entryCount += change.value.over(old).entryCount - old.entryCount
        }
        self.changes = changes
        self.entryCount = entryCount
        if let snapshot {
            var scanner = try SnapshotScanner(snapshot)
            pending = try scanner.nextRecord()
            self.scanner = consume scanner
        }
    }

    /// - Returns: `nil` behind the last. The state may be empty: a key that was removed.
    mutating func nextRecord() throws(SuppressionError) -> SnapshotRecord? {
        let change = nextChange < changes.count ? changes[nextChange] : nil
        guard var record = pending else {
            if change != nil { nextChange += 1 }
            return change?.record
        }
        if let change, SnapshotRecord.precedes(change.record, record) {
            nextChange += 1
            return change.record
        }
        pending = try scanner!.nextRecord()
        if let change, change.record.isSameKey(as: record) {
            nextChange += 1
            record.state = change.value.over(record.state)
        }
        return record
    }
}
