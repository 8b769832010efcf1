import Glibc

/// The segment that is being written, and the chain that runs through it. Owns the descriptor. After a failed call it is
/// never written again: the kernel may have dropped what it could not write and would report success the next time.
@safe struct SegmentFile: ~Copyable {
    let number: UInt64
    let path: String
    private let file: Int32
    /// Bytes in the file; all of them are synced between two commits.
    private(set) var length: Int
    /// Hash of the last seal.
    private(set) var chain: AuditDigest

    /// Adopts a file that is open for appending.
    init(number: UInt64, path: String, file: Int32, length: Int, chain: AuditDigest) {
        self.number = number
        self.path = path
        self.file = file
        self.length = length
        self.chain = chain
    }

    deinit { close(file) }

    /// Makes a new segment: writes it aside with its first commit, syncs it, renames it into place and syncs the directory.
    /// - Parameter lines: the segment's first lines, without their seal.
    static func create(
        number: UInt64, directory: String, chain: AuditDigest, first: UInt64, last: UInt64,
        lines: inout LineBuffer, hash: inout SHA256, calls: FileCalls
    ) throws(AuditFailure) -> SegmentFile {
        let path = "\(directory)/\(SegmentName.name(number))"
        let aside = path + ".tmp"
        let file = calls.open(aside, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(.open, path: aside, errno: errno) }
        var segment = SegmentFile(number: number, path: path, file: file, length: 0, chain: chain)
        try segment.write(&lines, first: first, last: last, hash: &hash, calls: calls)
        guard calls.fsync(file) == 0 else { throw .system(.sync, path: aside, errno: errno) }
        guard calls.rename(aside, path) == 0 else { throw .system(.rename, path: path, errno: errno) }
        let folder = calls.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard folder >= 0 else { throw .system(.open, path: directory, errno: errno) }
        defer { close(folder) }
        guard calls.fsync(folder) == 0 else { throw .system(.sync, path: directory, errno: errno) }
        return segment
    }

    /// Seals the lines and makes them durable: one write, one sync.
    mutating func commit(
        _ lines: inout LineBuffer, first: UInt64, last: UInt64, hash: inout SHA256, calls: FileCalls
    ) throws(AuditFailure) {
        try write(&lines, first: first, last: last, hash: &hash, calls: calls)
        guard calls.fdatasync(file) == 0 else { throw .system(.sync, path: path, errno: errno) }
    }

    /// Adds the seal and writes everything in one call.
    private mutating func write(
        _ lines: inout LineBuffer, first: UInt64, last: UInt64, hash: inout SHA256, calls: FileCalls
    ) throws(AuditFailure) {
        lines.put("{\"v\":1,\"kind\":\"seal\",\"first\":")
        lines.put(first)
        lines.put(",\"last\":")
        lines.put(last)
        lines.put(",\"synced\":")
        lines.put(UInt64(length))
        lines.put(",\"prev\":\"")
        withUnsafeBytes(of: chain.words) { lines.put(hex: $0) }
        lines.put("\",\"hash\":\"")
        hash.update(chain)
        hash.update(lines.bytes)
        let next = hash.finish()
        withUnsafeBytes(of: next.words) { lines.put(hex: $0) }
        lines.put("\"}\n")
        let bytes = lines.bytes
        guard let base = bytes.baseAddress else { return }
        let written = calls.write(file, base, bytes.count)
        guard written == bytes.count else {
            // A short write has no errno of its own; it is what a full disk looks like from here.
            throw .system(.write, path: path, errno: written < 0 ? errno : ENOSPC)
        }
        length += bytes.count
        chain = next
    }

    /// Free and total bytes of the file system.
    func space(_ calls: FileCalls) -> (free: UInt64, total: UInt64)? { calls.space(file) }
}
