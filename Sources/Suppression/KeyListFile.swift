import Glibc
public import Recipients

/// A sorted file of keys, made by a ``KeyListWriter``: one version of one bulk list. Immutable, and read piece by piece: it
/// takes 8 bytes of memory for every 4,096 keys. Every piece is checked against its checksum whenever it is read.
public final class KeyListFile: Sendable {
    public let path: String
    /// Different keys in it.
    public var keyCount: Int { Int(layout.keyCount) }
    /// The check value of the digest secret that its keys were made under.
    public var secretID: UInt64 { layout.secretID }
    /// What its writer put into the header, not interpreted here.
    public var info: [UInt8] { layout.info }
    let layout: KeyListLayout
    private let file: SystemFile
    private let sums: [UInt64]

    /// Opens the file and checks its header, its length and its table of checksums.
    /// - Throws: ``SuppressionError``.
    public init(path: String) throws(SuppressionError) {
        self.path = path
        file = try SystemFile(reading: path)
        let size = try file.size
        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyListLayout.headerBytes, alignment: 64)
        defer { header.deallocate() }
        guard try file.read(into: header, at: 0) == header.count else { throw .listDamaged(path: path, offset: size) }
        layout = try KeyListLayout(decoding: header, fileSize: size, path: path)
        let table = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.tableBytes, alignment: 64)
        defer { table.deallocate() }
        guard try file.read(into: table, at: layout.checksumsOffset) == table.count,
            ChunkChecksum.of(UnsafeRawBufferPointer(table), seed: KeyListLayout.tableSeed) == layout.tableChecksum
        else { throw .listDamaged(path: path, offset: layout.checksumsOffset) }
        sums = (0..<layout.chunkCount).map { UInt64(littleEndian: table.load(fromByteOffset: $0 * 8, as: UInt64.self)) }
    }

    /// Whether `key` is in the list. For explanations; sends are judged by the index.
    /// - Complexity: reads log2(keys / 4096) pieces of 64 KiB.
    public func contains(_ key: RecipientKey) throws(SuppressionError) -> Bool {
        let place = KeyPosition(key)
        let target = SnapshotRecord(position: place.position, fingerprint: place.fingerprint, state: .none)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: ChunkChecksum.chunkBytes, alignment: 64)
        defer { chunk.deallocate() }
        var low = 0, high = layout.chunkCount
        while low < high {
            let middle = (low + high) / 2
            let count = try read(chunk: middle, into: chunk)
            if SnapshotRecord.precedes(target, Self.record(chunk, 0)) {
                high = middle
            } else if SnapshotRecord.precedes(Self.record(chunk, count - 1), target) {
                low = middle + 1
            } else {
                var first = 0, last = count
                while first < last {
                    let half = (first + last) / 2
                    let record = Self.record(chunk, half)
                    if record.isSameKey(as: target) { return true }
                    if SnapshotRecord.precedes(record, target) { first = half + 1 } else { last = half }
                }
                return false
            }
        }
        return false
    }

    /// Reads the whole file and checks it, its order included.
    /// - Throws: ``SuppressionError/listDamaged(path:offset:)``.
    public func verify() throws(SuppressionError) {
        let cursor = try KeyListCursor(self, .none)
        while cursor.head != nil { try cursor.advance() }
    }

    /// Reads one chunk of keys and checks it.
    /// - Returns: how many keys are in it.
    func read(chunk: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SuppressionError) -> Int {
        let offset = layout.keysOffset + UInt64(chunk) * UInt64(ChunkChecksum.chunkBytes)
        guard try file.read(into: buffer, at: offset) == buffer.count,
            ChunkChecksum.of(UnsafeRawBufferPointer(buffer), seed: KeyListLayout.keySeed + UInt64(chunk)) == sums[chunk]
        else { throw .listDamaged(path: path, offset: offset) }
        return layout.keys(inChunk: chunk)
    }

    @inline(__always)
    static func record(_ chunk: UnsafeMutableRawBufferPointer, _ i: Int) -> SnapshotRecord {
        SnapshotRecord(
            position: UInt64(littleEndian: chunk.load(fromByteOffset: i &* KeyListLayout.keyBytes, as: UInt64.self)),
            fingerprint: UInt64(littleEndian: chunk.load(fromByteOffset: i &* KeyListLayout.keyBytes &+ 8, as: UInt64.self)),
            state: .none)
    }
}

/// Goes through a file of keys from front to back.
final class KeyListCursor {
    /// The record at hand, `nil` behind the last.
    private(set) var head: SnapshotRecord?
    private let file: KeyListFile
    private let state: SuppressionState
    private let buffer: UnsafeMutableRawBufferPointer
    private var chunk = 0
    private var count = 0
    private var next = 0

    /// - Parameter state: what every record is given.
    init(_ file: KeyListFile, _ state: SuppressionState) throws(SuppressionError) {
        self.file = file
        self.state = state
        buffer = .allocate(byteCount: ChunkChecksum.chunkBytes, alignment: 64)
        try advance()
    }

    deinit { buffer.deallocate() }

    func advance() throws(SuppressionError) {
        if next == count {
            guard chunk < file.layout.chunkCount else {
                head = nil
                return
            }
            count = try file.read(chunk: chunk, into: buffer)
            next = 0
            chunk += 1
        }
        var record = KeyListFile.record(buffer, next)
        record.state = state
        next += 1
        // What follows relies on the order; a file that was written wrongly has right checksums.
        if let last = head, !SnapshotRecord.precedes(last, record) {
            throw .listDamaged(path: file.path, offset: file.layout.keysOffset + UInt64(chunk - 1) * UInt64(ChunkChecksum.chunkBytes))
        }
        head = record
    }
}
