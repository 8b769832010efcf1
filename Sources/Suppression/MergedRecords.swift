import Recipients

/// Rows in any order and sorted files of keys, as one stream of records in the order of their positions.
struct MergedRecords: ~Copyable {
    private var rows: RecordPartitions
    private var row: SnapshotRecord?
    private var cursors: [KeyListCursor]
    /// At least the number of entries to come.
    private(set) var limit = 0
    /// About how many: repetitions among the rows are accounted for, those between files are not.
    private(set) var expected = 0

    init(
        _ rows: consuming RecordPartitions, _ lists: [(file: KeyListFile, channels: ChannelSet)]
    ) throws(SuppressionError) {
        self.rows = rows
        cursors = []
        let listed = lists.reduce(0) { $0 + $1.file.keyCount }
        limit = self.rows.count + listed
        expected = try self.rows.beginReading() + listed
        row = try self.rows.nextRecord()
        for list in lists { cursors.append(try KeyListCursor(list.file, SuppressionState(event: [], list: list.channels))) }
    }

    /// The next key, all its channels united; `nil` behind the last.
    mutating func nextRecord() throws(SuppressionError) -> SnapshotRecord? {
        var least = row
        for cursor in cursors {
            guard let head = cursor.head else { continue }
            if let current = least, !SnapshotRecord.precedes(head, current) { continue }
            least = head
        }
        guard var record = least else { return nil }
        if let current = row, current.isSameKey(as: record) {
            record.state = SuppressionState(bits: record.state.bits | current.state.bits)
            row = try rows.nextRecord()
        }
        for cursor in cursors {
            guard let head = cursor.head, head.isSameKey(as: record) else { continue }
            record.state = SuppressionState(bits: record.state.bits | head.state.bits)
            try cursor.advance()
        }
        return record
    }
}
