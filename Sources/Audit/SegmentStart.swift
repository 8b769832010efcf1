import Glibc

/// What a log's last segment holds when a process begins to write, with the torn end of a crash cut off.
///
/// Every commit says how far the file was synced before it. A seal that is missing, torn or full of holes at the very end
/// is what a crash leaves, since nobody was told that its records are safe. Anything else was altered after it was synced.
struct SegmentStart: ~Copyable {
    private(set) var recovery = AuditRecovery()
    private(set) var lastBoot: UInt64 = 0
    /// Wall clock of the last record, in microseconds.
    private(set) var lastTime: Int64?
    /// Open for appending; `nil` in a log that is still empty.
    var segment: SegmentFile?

    private let directory: String
    private let settings: AuditSettings
    private let calls: FileCalls

    /// - Throws: ``AuditFailure/damaged(_:)`` when records may be missing that somebody relies on.
    init(directory: String, settings: AuditSettings, calls: FileCalls) throws(AuditFailure) {
        self.directory = directory
        self.settings = settings
        self.calls = calls
        try Self.removeUnfinished(directory)
        let numbers = try SegmentName.list(directory)
        guard let last = numbers.last else { return }
        recovery.segment = last
        var before: AuditHead?
        if last == 1 {
            before = AuditHead(sequence: 0, hash: AuditDigest())
        } else if numbers.contains(last - 1) {
            before = try Self.end(of: last - 1, directory)
        }
        try resume(last, after: before)
    }

    /// A segment that was being made when the process ended never held anything anybody was told of.
    private static func removeUnfinished(_ directory: String) throws(AuditFailure) {
        for name in try Directory.names(directory) where name.hasPrefix("audit-") && name.hasSuffix(".jsonl.tmp") {
            unlink("\(directory)/\(name)")
        }
    }

    private mutating func resume(_ number: UInt64, after before: AuditHead?) throws(AuditFailure) {
        let name = SegmentName.name(number)
        let path = "\(directory)/\(name)"
        let reader = try SegmentReader(directory: directory, name: name)
        var checker = ChainChecker(file: name, segment: number, after: before, checksTime: false)
        var problem: AuditProblem?
        var remains = Remains()
        while true {
            let step = try reader.next()
            if step == .end { break }
            if problem == nil {
                problem = step == .overlong
                    ? reader.overlong : checker.take(reader.line, number: reader.lineNumber, byte: reader.lineOffset)
            }
            if checker.sealedBytes > reader.lineOffset {
                remains = Remains()
            } else {
                remains.take(reader.line)
            }
            if problem == nil, let prefix = RecordPrefix(reader.line) { lastTime = prefix.time }
        }
        remains.take(reader.rest)
        let size = reader.offset + reader.remainder
        problem = problem ?? checker.finish(remainder: reader.remainder, size: size)
        guard let head = checker.head, checker.seals > 0 else {
            throw .damaged(problem ?? AuditProblem(cause: .malformed("the segment is empty"), file: name, line: 1, byte: 0))
        }
        let file = calls.open(path, O_RDWR | O_APPEND | O_CLOEXEC, 0)
        guard file >= 0 else { throw .system(.open, path: path, errno: errno) }
        segment = SegmentFile(number: number, path: path, file: file, length: checker.sealedBytes, chain: head.hash)
        recovery.lastSequence = head.sequence
        lastBoot = checker.boot
        guard let problem else { return }
        let isTorn = remains.isWhatACrashLeaves(problem, after: checker.sealedBytes)
        guard isTorn || settings.repair else { throw .damaged(problem) }
        recovery.isRepair = !isTorn
        try cut(path, name, file, from: checker.sealedBytes, size: size)
    }

    /// Keeps the end in a file of its own, and cuts it off once that is on disk.
    private mutating func cut(
        _ path: String, _ name: String, _ file: Int32, from start: Int, size: Int
    ) throws(AuditFailure) {
        let kept = try keep(path, name, file, from: start, size: size)
        guard calls.truncate(file, start) == 0 else { throw .system(.truncate, path: path, errno: errno) }
        guard calls.fsync(file) == 0 else { throw .system(.sync, path: path, errno: errno) }
        recovery.cutBytes = size - start
        recovery.cutFile = kept
    }

    private func keep(_ path: String, _ name: String, _ file: Int32, from start: Int, size: Int) throws(AuditFailure) -> String {
        var kept = "\(name).cut-\(start)"
        var target = calls.open("\(directory)/\(kept)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        var attempt = 1
        // The same place may have been cut before, or the copy of it been interrupted.
        while target < 0, errno == EEXIST, attempt < 1000 {
            attempt += 1
            kept = "\(name).cut-\(start)-\(attempt)"
            target = calls.open("\(directory)/\(kept)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        guard target >= 0 else { throw .system(.open, path: "\(directory)/\(kept)", errno: errno) }
        defer { close(target) }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: 256 << 10, alignment: 8)
        defer { chunk.deallocate() }
        var position = start
        while position < size {
            let count = pread(file, chunk, min(256 << 10, size - position), position)
            guard count > 0 else { throw .system(.read, path: path, errno: count < 0 ? errno : EIO) }
            let written = calls.write(target, chunk, count)
            guard written == count else {
                throw .system(.write, path: "\(directory)/\(kept)", errno: written < 0 ? errno : ENOSPC)
            }
            position += count
        }
        guard calls.fsync(target) == 0 else { throw .system(.sync, path: "\(directory)/\(kept)", errno: errno) }
        try Directory.sync(directory)
        return kept
    }

    /// The head that a finished segment ends with.
    private static func end(of number: UInt64, _ directory: String) throws(AuditFailure) -> AuditHead {
        let name = SegmentName.name(number)
        let path = "\(directory)/\(name)"
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(.open, path: path, errno: errno) }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        var tail = [UInt8](repeating: 0, count: min(max(size, 0), 512))
        let start = size - tail.count
        let count = tail.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, start) }
        guard count == tail.count else { throw .system(.read, path: path, errno: count < 0 ? errno : EIO) }
        guard tail.last == 0x0a else { throw damaged(name, start) }
        let lineStart = tail.dropLast().lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        let seal = tail[lineStart..<tail.count - 1].withUnsafeBytes { SealLine($0) }
        guard let seal else { throw damaged(name, start + lineStart) }
        return AuditHead(sequence: seal.last, hash: seal.hash)
    }

    private static func damaged(_ name: String, _ byte: Int) -> AuditFailure {
        .damaged(AuditProblem(
            cause: .malformed("a finished segment has to end in a seal"), file: name, line: 0, byte: byte))
    }

    /// What stands behind the last good seal.
    private struct Remains {
        private var claimedSync: UInt64 = 0
        private var hasHoles = false

        mutating func take(_ line: UnsafeRawBufferPointer) {
            if let claim = SealLine.claimedSync(line) { claimedSync = max(claimedSync, claim) }
            hasHoles = hasHoles || line.contains(0)
        }

        /// A crash tears the end off the one commit that was not synced, or leaves blocks of zeros in it. It does not alter
        /// bytes of a commit that is there to its end, and it does not reach behind a sync.
        func isWhatACrashLeaves(_ problem: AuditProblem, after sealed: Int) -> Bool {
            guard claimedSync <= UInt64(sealed) else { return false }
            if case .unsealed = problem.cause { return true }
            return hasHoles
        }
    }
}
