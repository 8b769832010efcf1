/// Where things lie in a snapshot file, and what its header says. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 0 to 65,535 | header: the fields of ``encode(into:)``, zeros, and in the last 8 bytes the checksum of the chunk with those 8 as zero |
/// | from `blocksOffset` | filter lines, 64 bytes a block |
/// | from `entriesOffset` | packed entries (``SnapshotTable``), zeros up to the next chunk |
/// | from `positionsOffset` | 8 bytes an entry in the same order: its ``KeyPosition/position``. Only compaction reads them: with the fingerprint they give back the whole key, so that the next snapshot can have any number of blocks. Never mapped |
/// | from `checksumsOffset` | 8 bytes a chunk: blocks, entries, positions |
///
/// Every section begins at a multiple of 64 KiB.
struct SnapshotLayout: Equatable {
    /// 2 since opt-outs from single programs are in it; the bytes lie as they did in 1.
    static let formatVersion: UInt32 = 2
    static let magic: UInt64 = 0x3158_4449_5047_5453    // "STGPIDX1"
    static let headerBytes = ChunkChecksum.chunkBytes

    var blockCount: UInt64
    var entryCount: UInt64 = 0
    var listEntryCount: UInt64 = 0
    var keyCount: UInt64 = 0
    var entriesBytes: UInt64 = 0
    var positionsOffset: UInt64
    var checksumsOffset: UInt64 = 0
    var tableChecksum: UInt64 = 0
    var ledgerPosition: UInt64
    var version: UInt64
    var secretID: UInt64
    /// Names the state of the lists that the list entries come from (``SuppressionIndex/listsID``). Zero in files of older programs.
    var listsID: UInt64

    /// The layout of a snapshot of at most `capacity` entries, the counts still to be filled in. The number of blocks follows
    /// from those `expected`; what the capacity claims beyond that is a hole in the file.
    init(
        capacity: Int, expected: Int, secretID: UInt64, ledgerPosition: UInt64, version: UInt64, listsID: UInt64 = 0
    ) {
        let blocks = BlockFilter.blockCount(forKeys: expected)
        blockCount = UInt64(blocks)
        positionsOffset = 0
        self.ledgerPosition = ledgerPosition
        self.version = version
        self.secretID = secretID
        self.listsID = listsID
        // Each block rounds its source bits up to a byte.
        positionsOffset = Self.aligned(entriesOffset + UInt64(SnapshotTable.blockBytes(capacity) + blocks))
    }

    var blocksOffset: UInt64 { UInt64(Self.headerBytes) }
    var blocksBytes: UInt64 { blockCount * UInt64(BlockFilter.lineBytes) }
    var entriesOffset: UInt64 { Self.aligned(blocksOffset + blocksBytes) }
    var positionsBytes: UInt64 { entryCount * 8 }
    /// What is mapped into memory: header, blocks and entries.
    var mappedBytes: UInt64 { Self.aligned(entriesOffset + entriesBytes) }
    var blockChunks: Int { ChunkChecksum.chunks(in: blocksBytes) }
    var entryChunks: Int { ChunkChecksum.chunks(in: entriesBytes) }
    var positionChunks: Int { ChunkChecksum.chunks(in: positionsBytes) }
    var chunkCount: Int { blockChunks + entryChunks + positionChunks }
    var fileBytes: UInt64 { checksumsOffset + Self.aligned(UInt64(chunkCount) * 8) }

    static func aligned(_ offset: UInt64) -> UInt64 {
        (offset + UInt64(ChunkChecksum.chunkBytes) - 1) & ~(UInt64(ChunkChecksum.chunkBytes) - 1)
    }

    private static let checksumAt = headerBytes - 8

    func encode(into header: UnsafeMutableRawBufferPointer) {
        header.initializeMemory(as: UInt8.self, repeating: 0)
        let fields = [
            Self.magic, UInt64(Self.formatVersion), blockCount, entryCount, listEntryCount, keyCount, entriesBytes,
            positionsOffset, checksumsOffset, tableChecksum, ledgerPosition, version, secretID,
            listsID,
        ]
        for (i, field) in fields.enumerated() {
            header.storeBytes(of: field.littleEndian, toByteOffset: i * 8, as: UInt64.self)
        }
        let sum = ChunkChecksum.of(UnsafeRawBufferPointer(header), seed: 0)
        header.storeBytes(of: sum.littleEndian, toByteOffset: Self.checksumAt, as: UInt64.self)
    }

    /// Reads the header of a file of `fileSize` bytes. Nothing in it is believed before its checksum, and no number
    /// before it agrees with the others.
    init(
        decoding header: UnsafeMutableRawBufferPointer, fileSize: UInt64, secretID expected: UInt64, path: String
    ) throws(SuppressionError) {
        func field(_ i: Int) -> UInt64 { UInt64(littleEndian: header.loadUnaligned(fromByteOffset: i * 8, as: UInt64.self)) }
        guard field(0) == Self.magic else { throw .damaged(part: .magic, path: path, offset: 0) }
        let sum = UInt64(littleEndian: header.loadUnaligned(fromByteOffset: Self.checksumAt, as: UInt64.self))
        header.storeBytes(of: 0, toByteOffset: Self.checksumAt, as: UInt64.self)
        guard ChunkChecksum.of(UnsafeRawBufferPointer(header), seed: 0) == sum else {
            throw .damaged(part: .header, path: path, offset: 0)
        }
        guard field(1) == UInt64(Self.formatVersion) else {
            throw .unsupportedFormat(path: path, version: UInt32(truncatingIfNeeded: field(1)))
        }
        blockCount = field(2)
        entryCount = field(3)
        listEntryCount = field(4)
        keyCount = field(5)
        entriesBytes = field(6)
        positionsOffset = field(7)
        checksumsOffset = field(8)
        tableChecksum = field(9)
        ledgerPosition = field(10)
        version = field(11)
        secretID = field(12)
        listsID = field(13)
        guard secretID == expected else { throw .wrongSecret(path: path, expected: expected, found: secretID) }
        let limit: UInt64 = 1 << 44
        guard blockCount > 0, blockCount < limit / 64, entryCount < limit / 16, entriesBytes < BlockFilter.maxOffset,
            mappedBytes <= positionsOffset, positionsOffset < limit,
            Self.aligned(positionsOffset + positionsBytes) == checksumsOffset
        else { throw .damaged(part: .header, path: path, offset: 0) }
        guard fileBytes == fileSize else { throw .damaged(part: .size, path: path, offset: min(fileBytes, fileSize)) }
    }
}
