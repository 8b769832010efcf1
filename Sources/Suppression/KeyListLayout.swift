import Glibc

/// Where things lie in a file of keys. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 0 to 65,535 | header: magic, format, secret's check value, number of keys, length of the description, checksum of the checksums; from byte 128 the description; in the last 8 bytes the checksum of the chunk with those 8 as zero |
/// | from 65,536 | 16 bytes a key, sorted: ``KeyPosition/position``, ``KeyPosition/fingerprint``; zeros up to the next chunk |
/// | behind | 8 bytes a chunk of keys: its checksum; zeros up to the next chunk |
struct KeyListLayout: Equatable {
    static let formatVersion: UInt64 = 1
    static let magic: UInt64 = 0x3159_454B_5047_5453    // "STGPKEY1"
    static let headerBytes = ChunkChecksum.chunkBytes
    static let keyBytes = 16
    static let keysPerChunk = ChunkChecksum.chunkBytes / keyBytes
    static let infoOffset = 128
    static let infoLimit = 32_768
    static let headerSeed: UInt64 = 5 << 60
    static let keySeed: UInt64 = 6 << 60
    static let tableSeed: UInt64 = 7 << 60
    private static let checksumAt = headerBytes - 8

    var secretID: UInt64
    var keyCount: UInt64
    var tableChecksum: UInt64
    var info: [UInt8]

    var chunkCount: Int { ChunkChecksum.chunks(in: keyCount * UInt64(Self.keyBytes)) }
    var keysOffset: UInt64 { UInt64(Self.headerBytes) }
    var checksumsOffset: UInt64 { keysOffset + UInt64(chunkCount) * UInt64(ChunkChecksum.chunkBytes) }
    var tableBytes: Int { Int(SnapshotLayout.aligned(UInt64(chunkCount) * 8)) }
    var fileBytes: UInt64 { checksumsOffset + UInt64(tableBytes) }

    /// How many keys are in the chunk of this number.
    func keys(inChunk chunk: Int) -> Int { min(Self.keysPerChunk, Int(keyCount) - chunk * Self.keysPerChunk) }

    /// - Precondition: the description is no longer than ``infoLimit``.
    func encode(into header: UnsafeMutableRawBufferPointer) {
        precondition(info.count <= Self.infoLimit)
        header.initializeMemory(as: UInt8.self, repeating: 0)
        for (i, field) in [Self.magic, Self.formatVersion, secretID, keyCount, UInt64(info.count), tableChecksum].enumerated() {
            header.storeBytes(of: field.littleEndian, toByteOffset: i * 8, as: UInt64.self)
        }
        for (i, byte) in info.enumerated() { header[Self.infoOffset + i] = byte }
        let sum = ChunkChecksum.of(UnsafeRawBufferPointer(header), seed: Self.headerSeed)
        header.storeBytes(of: sum.littleEndian, toByteOffset: Self.checksumAt, as: UInt64.self)
    }

    /// Reads the header of a file of `fileSize` bytes. Nothing in it is believed before its checksum.
    init(decoding header: UnsafeMutableRawBufferPointer, fileSize: UInt64, path: String) throws(SuppressionError) {
        func field(_ i: Int) -> UInt64 { UInt64(littleEndian: header.loadUnaligned(fromByteOffset: i * 8, as: UInt64.self)) }
        let sum = UInt64(littleEndian: header.loadUnaligned(fromByteOffset: Self.checksumAt, as: UInt64.self))
        header.storeBytes(of: 0, toByteOffset: Self.checksumAt, as: UInt64.self)
        guard field(0) == Self.magic, ChunkChecksum.of(UnsafeRawBufferPointer(header), seed: Self.headerSeed) == sum else {
            throw .listDamaged(path: path, offset: 0)
        }
        guard field(1) == Self.formatVersion else {
            throw .unsupportedFormat(path: path, version: UInt32(truncatingIfNeeded: field(1)))
        }
        secretID = field(2)
        keyCount = field(3)
        tableChecksum = field(5)
        info = []
        guard keyCount < 1 << 40, field(4) <= UInt64(Self.infoLimit) else { throw .listDamaged(path: path, offset: 0) }
        guard fileBytes == fileSize else { throw .listDamaged(path: path, offset: min(fileBytes, fileSize)) }
        info = Array(header[Self.infoOffset..<Self.infoOffset + Int(field(4))])
    }

    init(secretID: UInt64, keyCount: UInt64, tableChecksum: UInt64, info: [UInt8]) {
        self.secretID = secretID
        self.keyCount = keyCount
        self.tableChecksum = tableChecksum
        self.info = info
    }
}
