/// Reads a snapshot from front to back as records in the order of their positions: the way back from packed entries to keys.
struct SnapshotScanner: ~Copyable {
    private let snapshot: SnapshotFile
    private let sums: [UInt64]
    private let chunk: UnsafeMutableRawBufferPointer
    private var chunkIndex = 0
    private var chunkUsed = 0
    private var chunkCount = 0
    private var block = 0
    private var records: [SnapshotRecord] = []
    private var next = 0

    init(_ snapshot: SnapshotFile) throws(SuppressionError) {
        self.snapshot = snapshot
        chunk = .allocate(byteCount: ChunkChecksum.chunkBytes, alignment: 64)
        sums = try snapshot.checksums()
    }

    deinit { chunk.deallocate() }

    /// - Returns: `nil` behind the last record.
    mutating func nextRecord() throws(SuppressionError) -> SnapshotRecord? {
        while next == records.count {
            guard block < Int(snapshot.layout.blockCount) else { return nil }
            try readBlock()
        }
        defer { next += 1 }
        return records[next]
    }

    private mutating func readBlock() throws(SuppressionError) {
        records.removeAll(keepingCapacity: true)
        next = 0
        let table = snapshot.table
        let (base, count) = SnapshotTable.locate(table.lines[block * BlockFilter.wordsPerLine], table.entries)
        block += 1
        for i in 0..<count {
            let channels = UInt16(base[i * SnapshotTable.entryBytes + 8])
            let bits = SnapshotTable.isList(base, count, i) ? channels << 8 : channels
            let record = SnapshotRecord(
                position: try nextPosition(), fingerprint: SnapshotTable.fingerprint(base, i),
                state: SuppressionState(bits: bits))
            if let last = records.last, last.isSameKey(as: record) {
                records[records.count - 1].state = SuppressionState(bits: last.state.bits | bits)
            } else {
                records.append(record)
            }
        }
        records.sort(by: SnapshotRecord.precedes)
    }

    private mutating func nextPosition() throws(SuppressionError) -> UInt64 {
        if chunkUsed == chunkCount {
            chunkCount = try snapshot.readPositions(chunk: chunkIndex, into: chunk, sums: sums)
            chunkIndex += 1
            chunkUsed = 0
        }
        defer { chunkUsed += 8 }
        return UInt64(littleEndian: chunk.load(fromByteOffset: chunkUsed, as: UInt64.self))
    }
}
