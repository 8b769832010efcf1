import Glibc

/// A snapshot in memory: mapped read-only, checked from the first byte to the last, and then immutable for its whole life. The memory
/// goes with the object; the file may be renamed over meanwhile.
final class SnapshotFile: @unchecked Sendable {
    let layout: SnapshotLayout
    let path: String
    let table: SnapshotTable
    /// Whether the kernel promised to keep the pages in memory. Without the promise (RLIMIT_MEMLOCK) it may drop them
    /// under pressure, and a look-up would wait for the disk.
    let isLocked: Bool
    private let file: SystemFile
    private let base: UnsafeMutableRawPointer
    private let mappedBytes: Int

    /// Maps and checks the snapshot at `path`.
    /// - Complexity: reads every byte that look-ups can touch once.
    init(path: String, secretID: UInt64) throws(SuppressionError) {
        file = try SystemFile(reading: path)
        self.path = path
        let size = try file.size
        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: SnapshotLayout.headerBytes, alignment: 64)
        defer { header.deallocate() }
        guard try file.read(into: header, at: 0) == header.count else { throw .damaged(part: .size, path: path, offset: size) }
        layout = try SnapshotLayout(decoding: header, fileSize: size, secretID: secretID, path: path)
        mappedBytes = Int(layout.mappedBytes)
        guard let mapped = mmap(nil, mappedBytes, PROT_READ, MAP_SHARED, file.descriptor, 0), mapped != MAP_FAILED else {
            throw SystemFile.failure("mmap", path)
        }
        base = mapped
        // Advice; a kernel without it serves small pages. The order matters: huge pages first, then fill.
        _ = madvise(base, mappedBytes, MADV_HUGEPAGE)
        _ = madvise(base, mappedBytes, Self.populateRead)
        isLocked = mlock(base, mappedBytes) == 0
        table = SnapshotTable(
            lines: UnsafePointer((base + Int(layout.blocksOffset)).assumingMemoryBound(to: UInt64.self)),
            blockCount: layout.blockCount,
            entries: UnsafePointer((base + Int(layout.entriesOffset)).assumingMemoryBound(to: UInt8.self)))
        try checkChunks(checksums())
        try checkLocators()
    }

    deinit { munmap(base, mappedBytes) }

    /// MADV_POPULATE_READ, since Linux 5.14; older kernels refuse it and the check below faults the pages in.
    private static let populateRead: Int32 = 22

    /// The table of chunk checksums, itself checked.
    func checksums() throws(SuppressionError) -> [UInt64] {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(layout.fileBytes - layout.checksumsOffset), alignment: 64)
        defer { bytes.deallocate() }
        guard try file.read(into: bytes, at: layout.checksumsOffset) == bytes.count else {
            throw .damaged(part: .size, path: path, offset: layout.checksumsOffset)
        }
        guard ChunkChecksum.of(UnsafeRawBufferPointer(bytes), seed: SnapshotWriter.tableSeed) == layout.tableChecksum else {
            throw .damaged(part: .checksums, path: path, offset: layout.checksumsOffset)
        }
        return (0..<layout.chunkCount).map { UInt64(littleEndian: bytes.load(fromByteOffset: $0 * 8, as: UInt64.self)) }
    }

    func checkChunks(_ sums: [UInt64]) throws(SuppressionError) {
        try checkSection(.blocks, layout.blocksOffset, sums[..<layout.blockChunks], SnapshotWriter.blockSeed)
        try checkSection(.entries, layout.entriesOffset, sums[layout.blockChunks...].prefix(layout.entryChunks), SnapshotWriter.entrySeed)
    }

    private func checkSection(
        _ part: SuppressionError.Part, _ start: UInt64, _ sums: ArraySlice<UInt64>, _ seed: UInt64
    ) throws(SuppressionError) {
        for (i, sum) in sums.enumerated() {
            let offset = Int(start) + i * ChunkChecksum.chunkBytes
            let chunk = UnsafeRawBufferPointer(start: base + offset, count: ChunkChecksum.chunkBytes)
            guard ChunkChecksum.of(chunk, seed: seed + UInt64(i)) == sum else {
                throw .damaged(part: part, path: path, offset: UInt64(offset))
            }
        }
    }

    /// Every block's entries must follow the last block's and fill the section: then no look-up can leave it.
    private func checkLocators() throws(SuppressionError) {
        var expected: UInt64 = 0
        var count: UInt64 = 0
        for block in 0..<Int(layout.blockCount) {
            let locator = table.lines[block &* BlockFilter.wordsPerLine]
            guard locator & (BlockFilter.maxOffset &- 1) == expected else {
                throw .damaged(part: .blocks, path: path, offset: layout.blocksOffset + UInt64(block * BlockFilter.lineBytes))
            }
            let entries = locator &>> BlockFilter.offsetBits
            count &+= entries
            expected &+= UInt64(SnapshotTable.blockBytes(Int(entries)))
        }
        guard expected == layout.entriesBytes, count == layout.entryCount else {
            throw .damaged(part: .entries, path: path, offset: layout.entriesOffset)
        }
    }

    /// Reads a chunk of the positions section, which is not mapped, and checks it.
    /// - Returns: how many bytes of `buffer` belong to the section.
    func readPositions(
        chunk: Int, into buffer: UnsafeMutableRawBufferPointer, sums: [UInt64]
    ) throws(SuppressionError) -> Int {
        let offset = layout.positionsOffset + UInt64(chunk) * UInt64(ChunkChecksum.chunkBytes)
        guard try file.read(into: buffer, at: offset) == buffer.count,
            ChunkChecksum.of(UnsafeRawBufferPointer(buffer), seed: SnapshotWriter.positionSeed + UInt64(chunk))
                == sums[layout.blockChunks + layout.entryChunks + chunk]
        else { throw .damaged(part: .positions, path: path, offset: offset) }
        return min(ChunkChecksum.chunkBytes, Int(layout.positionsBytes) - chunk * ChunkChecksum.chunkBytes)
    }
}
