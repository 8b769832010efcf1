import Glibc
public import Recipients

/// Writes a ``KeyListFile`` from keys in any order and any number: sorted, each once. Plain identifiers never come here.
///
/// Memory stays below 100 MiB plus 0.4 bytes a key; disk takes 24 bytes a key while keys arrive and 16 afterwards.
public struct KeyListWriter: ~Copyable {
    private let secretID: UInt64
    private let temporary: String
    private var rows: RecordPartitions

    /// - Parameter temporary: the name under which the file is written before it is whole. Must not exist.
    public init(temporary: String, secretID: UInt64) {
        self.temporary = temporary
        self.secretID = secretID
        rows = RecordPartitions(temporaryPath: temporary + "-rows")
    }

    /// Keys added so far, repetitions included.
    public var count: Int { rows.count }

    public mutating func add(_ keys: Span<RecipientKey>) throws(SuppressionError) {
        for i in keys.indices {
            let place = KeyPosition(keys[i])
            try rows.add(SnapshotRecord(position: place.position, fingerprint: place.fingerprint, state: .none))
        }
    }

    /// Writes the file under its temporary name and syncs it.
    /// - Parameter info: given the number of different keys, what to keep in the header; at most 32 KiB.
    /// - Throws: ``SuppressionError``; then no file is left.
    public consuming func finish(info: (_ keyCount: Int) -> [UInt8]) throws(SuppressionError) {
        do throws(SuppressionError) {
            try write(info)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private mutating func write(_ info: (_ keyCount: Int) -> [UInt8]) throws(SuppressionError) {
        let file = try SystemFile(creating: temporary)
        var keys = SectionWriter(start: UInt64(KeyListLayout.headerBytes), seed: KeyListLayout.keySeed)
        var count: UInt64 = 0
        _ = try rows.beginReading()
        while let record = try rows.nextRecord() {
            try keys.append(record.position, to: file)
            try keys.append(record.fingerprint, to: file)
            count += 1
        }
        try keys.finish(to: file)
        var layout = KeyListLayout(secretID: secretID, keyCount: count, tableChecksum: 0, info: info(Int(count)))
        let table = UnsafeMutableRawBufferPointer.allocate(byteCount: layout.tableBytes, alignment: 64)
        defer { table.deallocate() }
        table.initializeMemory(as: UInt8.self, repeating: 0)
        for (i, sum) in keys.checksums.enumerated() {
            table.storeBytes(of: sum.littleEndian, toByteOffset: i * 8, as: UInt64.self)
        }
        layout.tableChecksum = ChunkChecksum.of(UnsafeRawBufferPointer(table), seed: KeyListLayout.tableSeed)
        try file.write(UnsafeRawBufferPointer(table), at: layout.checksumsOffset)
        let header = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyListLayout.headerBytes, alignment: 64)
        defer { header.deallocate() }
        layout.encode(into: header)
        try file.write(UnsafeRawBufferPointer(header), at: 0)
        try file.synchronise()
        file.dropCache()
    }
}
