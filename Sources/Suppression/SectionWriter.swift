import Glibc

/// Writes one section of a snapshot from front to back and notes the checksum of every chunk of it.
struct SectionWriter: ~Copyable {
    private static let bufferBytes = 16 * ChunkChecksum.chunkBytes

    private let buffer: UnsafeMutableRawPointer
    private let start: UInt64
    private let seed: UInt64
    private var used = 0
    private var flushed: UInt64 = 0
    private(set) var checksums: [UInt64] = []

    /// - Parameters:
    ///   - start: where in the file the section begins.
    ///   - seed: told apart per section, so that sections cannot trade chunks.
    init(start: UInt64, seed: UInt64) {
        self.start = start
        self.seed = seed
        // A word may begin on the last byte.
        buffer = .allocate(byteCount: Self.bufferBytes + 8, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// Bytes appended so far.
    var count: UInt64 { flushed + UInt64(used) }

    @inline(__always)
    mutating func append(_ word: UInt64, to file: borrowing SystemFile) throws(SuppressionError) {
        buffer.storeBytes(of: word.littleEndian, toByteOffset: used, as: UInt64.self)
        used += 8
        if used >= Self.bufferBytes { try flush(Self.bufferBytes, to: file) }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8, to file: borrowing SystemFile) throws(SuppressionError) {
        buffer.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
        used += 1
        if used >= Self.bufferBytes { try flush(Self.bufferBytes, to: file) }
    }

    /// Fills the last chunk with zeros and writes what is left.
    mutating func finish(to file: borrowing SystemFile) throws(SuppressionError) {
        let whole = ChunkChecksum.chunks(in: UInt64(used)) * ChunkChecksum.chunkBytes
        memset(buffer + used, 0, whole - used)
        try flush(whole, to: file)
    }

    private mutating func flush(_ bytes: Int, to file: borrowing SystemFile) throws(SuppressionError) {
        for chunk in stride(from: 0, to: bytes, by: ChunkChecksum.chunkBytes) {
            let part = UnsafeRawBufferPointer(start: buffer + chunk, count: ChunkChecksum.chunkBytes)
            checksums.append(ChunkChecksum.of(part, seed: seed + UInt64(checksums.count)))
        }
        try file.write(UnsafeRawBufferPointer(start: buffer, count: bytes), at: start + flushed)
        let kept = max(0, used - bytes)
        if kept > 0 { memmove(buffer, buffer + bytes, kept) }
        flushed += UInt64(used - kept)
        used = kept
    }
}
