import Recipients

/// Writes a snapshot from records that arrive in the order of their positions: one pass, three sequential streams, memory for
/// one block and the streams' buffers.
struct SnapshotWriter: ~Copyable {
    static let blockSeed: UInt64 = 1 << 60
    static let entrySeed: UInt64 = 2 << 60
    static let positionSeed: UInt64 = 3 << 60
    static let tableSeed: UInt64 = 4 << 60

    private struct Entry {
        var fingerprint: UInt64
        var position: UInt64
        var fraction: UInt64
        var channels: UInt8
        var isList: Bool
    }

    private let file: SystemFile
    private var layout: SnapshotLayout
    private var blocks: SectionWriter
    private var entries: SectionWriter
    private var positions: SectionWriter
    private var block: UInt64 = 0
    private var pending: [Entry] = []
    private let line: UnsafeMutablePointer<UInt64>
    private let capacity: Int

    /// - Parameters:
    ///   - path: must not exist.
    ///   - capacity: at least the number of entries to come: one for every pair of key and source.
    ///   - expected: about how many; the filter is sized for them.
    init(
        path: String, capacity: Int, expected: Int, secretID: UInt64, ledgerPosition: UInt64, version: UInt64,
        listsID: UInt64 = 0
    ) throws(SuppressionError) {
        file = try SystemFile(creating: path)
        layout = SnapshotLayout(
            capacity: capacity, expected: expected, secretID: secretID, ledgerPosition: ledgerPosition, version: version,
            listsID: listsID)
        self.capacity = capacity
        blocks = SectionWriter(start: layout.blocksOffset, seed: Self.blockSeed)
        entries = SectionWriter(start: layout.entriesOffset, seed: Self.entrySeed)
        positions = SectionWriter(start: layout.positionsOffset, seed: Self.positionSeed)
        line = .allocate(capacity: BlockFilter.wordsPerLine)
    }

    deinit { line.deallocate() }

    /// - Precondition: records come in the order of ``SnapshotRecord/precedes(_:_:)``, one per key, no more than the capacity.
    mutating func append(_ record: SnapshotRecord) throws(SuppressionError) {
        guard !record.state.isEmpty else { return }
        let (target, fraction) = record.position.multipliedFullWidth(by: layout.blockCount)
        precondition(target >= block, "records out of order")
        while block < target { try endBlock() }
        layout.keyCount += 1
        for source in SuppressionSource.allCases {
            let channels = UInt8(truncatingIfNeeded: record.state[source].rawValue)
            guard channels != 0 else { continue }
            guard pending.count < BlockFilter.maxCount - 1 else { throw .keysNotUniform }
            pending.append(
                Entry(
                    fingerprint: record.fingerprint, position: record.position, fraction: fraction, channels: channels,
                    isList: source == .list))
            layout.entryCount += 1
            if source == .list { layout.listEntryCount += 1 }
        }
        precondition(layout.entryCount <= UInt64(capacity), "more entries than announced")
    }

    /// Writes what is left, the checksums and the header, and syncs the file.
    mutating func finish() throws(SuppressionError) -> SnapshotLayout {
        while block < layout.blockCount { try endBlock() }
        layout.entriesBytes = entries.count
        try blocks.finish(to: file)
        try entries.finish(to: file)
        try positions.finish(to: file)
        layout.checksumsOffset = SnapshotLayout.aligned(layout.positionsOffset + layout.positionsBytes)

        let sums = blocks.checksums + entries.checksums + positions.checksums
        let table = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(SnapshotLayout.aligned(UInt64(sums.count) * 8)), alignment: 64)
        defer { table.deallocate() }
        table.initializeMemory(as: UInt8.self, repeating: 0)
        for (i, sum) in sums.enumerated() {
            table.storeBytes(of: sum.littleEndian, toByteOffset: i * 8, as: UInt64.self)
        }
        layout.tableChecksum = ChunkChecksum.of(UnsafeRawBufferPointer(table), seed: Self.tableSeed)
        try file.write(UnsafeRawBufferPointer(table), at: layout.checksumsOffset)

        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: SnapshotLayout.headerBytes, alignment: 64)
        defer { header.deallocate() }
        layout.encode(into: header)
        try file.write(UnsafeRawBufferPointer(header), at: 0)
        try file.synchronise()
        file.dropCache()
        return layout
    }

    /// Writes the line, the entries and the positions of the current block and moves to the next.
    private mutating func endBlock() throws(SuppressionError) {
        sortPending()
        let offset = entries.count
        guard offset + UInt64(SnapshotTable.blockBytes(pending.count)) < BlockFilter.maxOffset else { throw .keysNotUniform }
        line.update(repeating: 0, count: BlockFilter.wordsPerLine)
        line[0] = offset | UInt64(pending.count) << BlockFilter.offsetBits
        for entry in pending {
            BlockFilter.insert(line, BlockFilter.bits(fraction: entry.fraction, fingerprint: entry.fingerprint))
            try entries.append(entry.fingerprint, to: file)
            try entries.append(entry.channels, to: file)
            try positions.append(entry.position, to: file)
        }
        var sources: UInt8 = 0
        for (i, entry) in pending.enumerated() {
            if entry.isList { sources |= 1 << UInt8(i % 8) }
            if i % 8 == 7 || i == pending.count - 1 {
                try entries.append(sources, to: file)
                sources = 0
            }
        }
        for word in 0..<BlockFilter.wordsPerLine { try blocks.append(line[word], to: file) }
        pending.removeAll(keepingCapacity: true)
        block += 1
    }

    /// Sorts by fingerprint and keeps the order of equals, so that the event's entry of a key stays before the list's.
    private mutating func sortPending() {
        guard pending.count <= 4 * BlockFilter.keysPerBlock else {
            pending.sort { ($0.fingerprint, $0.position, $0.isList ? 1 : 0) < ($1.fingerprint, $1.position, $1.isList ? 1 : 0) }
            return
        }
        for i in pending.indices.dropFirst() {
            let entry = pending[i]
            var j = i
            while j > 0 && pending[j - 1].fingerprint > entry.fingerprint {
                pending[j] = pending[j - 1]
                j -= 1
            }
            pending[j] = entry
        }
    }
}
