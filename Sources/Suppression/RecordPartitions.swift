import Glibc

/// Sorts any number of records in bounded memory: they go into 256 partitions by the top bits of their positions, full
/// buffers go to one temporary file without a name, and partitions come back sorted, one after the other.
///
/// Memory: at most 48 MiB of buffers while records arrive, and twice a partition (1/128 of all records, 24 bytes each)
/// while they leave. Disk: 24 bytes a record, none below two million.
struct RecordPartitions: ~Copyable {
    private static let partitionBits: UInt64 = 8
    private static let recordsPerExtent = 8192
    private static let recordBytes = MemoryLayout<SnapshotRecord>.stride

    private struct Partition {
        var buffer: [SnapshotRecord] = []
        /// Where in the file its full buffers are, in units of extents.
        var extents: [UInt32] = []

        var count: Int { extents.count * RecordPartitions.recordsPerExtent + buffer.count }
    }

    private let temporaryPath: String
    private var partitions = [Partition](repeating: Partition(), count: 1 << Int(partitionBits))
    private var file: SystemFile?
    private var extentCount: UInt32 = 0
    /// Records added.
    private(set) var count = 0
    private var sorted: [SnapshotRecord] = []
    private var nextSorted = 0
    private var nextPartition = 0

    /// - Parameter temporaryPath: the name under which the file is made, and at once removed.
    init(temporaryPath: String) { self.temporaryPath = temporaryPath }

    mutating func add(_ record: SnapshotRecord) throws(SuppressionError) {
        let partition = Int(record.position >> (64 - Self.partitionBits))
        partitions[partition].buffer.append(record)
        count += 1
        if partitions[partition].buffer.count == Self.recordsPerExtent { try spill(partition) }
    }

    /// Ends the adding.
    /// - Returns: about how many different keys there are, extrapolated from one partition: keys are uniform, and so are
    ///   their repetitions.
    mutating func beginReading() throws(SuppressionError) -> Int {
        let first = partitions[0].count
        try loadNext()
        guard first >= 1024 else { return count }
        return min(count, Int(Double(count) * Double(sorted.count) / Double(first)))
    }

    /// The next key in the order of positions, all its records united; `nil` behind the last.
    mutating func nextRecord() throws(SuppressionError) -> SnapshotRecord? {
        while nextSorted == sorted.count {
            guard nextPartition < partitions.count else { return nil }
            try loadNext()
        }
        defer { nextSorted += 1 }
        return sorted[nextSorted]
    }

    private mutating func spill(_ partition: Int) throws(SuppressionError) {
        if file == nil {
            file = try SystemFile(creating: temporaryPath)
            unlink(temporaryPath)
        }
        let offset = UInt64(extentCount) * UInt64(Self.recordsPerExtent * Self.recordBytes)
        try partitions[partition].buffer.withUnsafeBytes { bytes in
            Result { () throws(SuppressionError) in try file!.write(bytes, at: offset) }
        }.get()
        partitions[partition].extents.append(extentCount)
        partitions[partition].buffer.removeAll(keepingCapacity: true)
        extentCount += 1
    }

    private mutating func loadNext() throws(SuppressionError) {
        let partition = partitions[nextPartition]
        partitions[nextPartition] = Partition()
        nextPartition += 1
        nextSorted = 0
        var records = [SnapshotRecord](
            repeating: SnapshotRecord(position: 0, fingerprint: 0, state: .none), count: partition.count)
        let extentBytes = Self.recordsPerExtent * Self.recordBytes
        for (i, extent) in partition.extents.enumerated() {
            let read = try records.withUnsafeMutableBytes { bytes in
                Result { () throws(SuppressionError) in
                    try file!.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: bytes[i * extentBytes..<(i + 1) * extentBytes]),
                        at: UInt64(extent) * UInt64(extentBytes))
                }
            }.get()
            guard read == extentBytes else { throw .system(call: "read", path: temporaryPath, errno: EIO) }
        }
        records.replaceSubrange((partition.extents.count * Self.recordsPerExtent)..., with: partition.buffer)
        sorted = Self.sort(records)
        Self.unite(&sorted)
    }

    /// Sorts records of one partition: a counting scatter into groups of about four by the next bits of their positions,
    /// then each group.
    private static func sort(_ records: [SnapshotRecord]) -> [SnapshotRecord] {
        guard records.count > 64 else { return records.sorted(by: SnapshotRecord.precedes) }
        let bits = UInt64(Int.bitWidth - (records.count / 4).leadingZeroBitCount)
        var starts = [Int](repeating: 0, count: 1 << Int(bits) + 1)
        func group(_ record: SnapshotRecord) -> Int { Int(truncatingIfNeeded: (record.position << partitionBits) >> (64 - bits)) }
        for record in records { starts[group(record) + 1] += 1 }
        for i in 1..<starts.count { starts[i] += starts[i - 1] }
        var ends = starts
        var sorted = records
        sorted.withUnsafeMutableBufferPointer { sorted in
            ends.withUnsafeMutableBufferPointer { ends in
                for record in records {
                    let i = group(record)
                    sorted[ends[i]] = record
                    ends[i] += 1
                }
            }
            for i in 0..<starts.count - 1 {
                let part = starts[i]..<starts[i + 1]
                if part.count > 32 {
                    sorted[part].sort(by: SnapshotRecord.precedes)
                } else {
                    insertionSort(sorted, part)
                }
            }
        }
        return sorted
    }

    private static func insertionSort(_ records: UnsafeMutableBufferPointer<SnapshotRecord>, _ part: Range<Int>) {
        for i in part.dropFirst() {
            let record = records[i]
            var j = i
            while j > part.lowerBound && SnapshotRecord.precedes(record, records[j - 1]) {
                records[j] = records[j - 1]
                j -= 1
            }
            records[j] = record
        }
    }

    /// Makes one record of those with the same key: channels add up.
    private static func unite(_ records: inout [SnapshotRecord]) {
        var kept = 0
        for i in records.indices {
            if kept > 0 && records[kept - 1].isSameKey(as: records[i]) {
                records[kept - 1].state = SuppressionState(bits: records[kept - 1].state.bits | records[i].state.bits)
            } else {
                records[kept] = records[i]
                kept += 1
            }
        }
        records.removeSubrange(kept...)
    }
}
