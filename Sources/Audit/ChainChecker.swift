/// Follows the chain through the lines of one segment: numbers, times, seals. Shares nothing with the writer but the
/// description of the format.
struct ChainChecker: ~Copyable {
    /// Microseconds that a record may lie behind an earlier one: lanes are read in turn, and records wait in them.
    private static let tolerance: Int64 = 5_000_000

    let file: String
    private let segment: UInt64
    private let checksTime: Bool
    private var hash = SHA256()

    /// The last record that a good seal covers; before the first seal the head this segment follows, if that is known.
    private(set) var head: AuditHead?
    /// Bytes up to the end of the last good seal.
    private(set) var sealedBytes = 0
    private(set) var firstSequence: UInt64?
    private(set) var records: UInt64 = 0
    private(set) var seals: UInt64 = 0
    private(set) var clockSteps: UInt64 = 0
    /// The latest start of a process that a line has named.
    private(set) var boot: UInt64 = 0
    private(set) var clock: Clock

    /// What the next line's times are held against.
    struct Clock {
        /// The latest wall clock so far, in microseconds.
        var wall: Int64 = .min
        /// The latest monotonic clock since the last start, in nanoseconds.
        var monotonic: UInt64 = 0
    }

    /// The segment's own line, which is hashed when its seal has told what it follows.
    private var firstLine: [UInt8] = []
    private var timeProblem: AuditProblem?
    private var lineCount = 0
    private var nextSequence: UInt64?
    /// First line, byte and number of what the next seal has to cover.
    private var open: (line: Int, byte: Int, sequence: UInt64)?

    /// - Parameters:
    ///   - head: where the segment before this one ended; `nil` takes this segment's word for it.
    ///   - clock: what the segment before this one left.
    ///   - sealedBytes: where to go on in a segment that was checked up to `head`, 0 for its beginning.
    init(
        file: String, segment: UInt64, after head: AuditHead?, clock: Clock = Clock(), sealedBytes: Int = 0,
        checksTime: Bool
    ) {
        self.file = file
        self.segment = segment
        self.head = head
        self.clock = clock
        self.sealedBytes = sealedBytes
        self.checksTime = checksTime
        nextSequence = head.map { $0.sequence &+ 1 }
    }

    /// Takes the next line, without its newline.
    /// - Returns: what is wrong, after which the checker is of no further use.
    mutating func take(_ line: UnsafeRawBufferPointer, number: Int, byte: Int) -> AuditProblem? {
        lineCount += 1
        if SealLine.begins(line) { return takeSeal(line, number, byte) }
        guard let prefix = RecordPrefix(line) else {
            return problem(.malformed("is not a record of version 1"), number, byte, RecordPrefix.sequence(line))
        }
        guard JSONReader.isObject(line) else {
            return problem(.malformed("is not JSON as this format has it"), number, byte, prefix.sequence)
        }
        if let expected = nextSequence, prefix.sequence != expected {
            return problem(.sequence(expected: expected, found: prefix.sequence), number, byte, prefix.sequence)
        }
        guard prefix.sequence > 0, prefix.sequence < .max else {
            return problem(.malformed("seq is out of range"), number, byte, prefix.sequence)
        }
        guard (number == 1) == (prefix.kind == .segment), prefix.segment == nil || prefix.segment == segment else {
            return problem(.malformed("the first line, and only that, has to name segment \(segment)"), number, byte, prefix.sequence)
        }
        if let boot = prefix.boot { self.boot = max(self.boot, boot) }
        // Held back until the seal: a time that was altered is told from a clock that was set by the hash.
        if checksTime, !followsClock(prefix), timeProblem == nil {
            timeProblem = problem(.time, number, byte, prefix.sequence)
        }
        guard number == 1 || sealedBytes > 0 else {
            return problem(.malformed("the first line of a segment has a seal of its own"), number, byte, prefix.sequence)
        }
        nextSequence = prefix.sequence + 1
        if firstSequence == nil { firstSequence = prefix.sequence }
        if number == 1 {
            firstLine = Array(line)
        } else {
            if open == nil, let head { hash.update(head.hash) }
            hash.update(line)
            hash.update(UInt8(ascii: "\n"))
        }
        if open == nil { open = (number, byte, prefix.sequence) }
        return nil
    }

    /// What is wrong with the end of the segment.
    /// - Parameter remainder: bytes behind the last newline.
    func finish(remainder: Int, size: Int) -> AuditProblem? {
        guard open != nil || remainder > 0 else {
            return seals > 0 ? nil : problem(.malformed("the segment is empty"), 1, 0, nil)
        }
        let line = open?.line ?? lineCount + 1
        let byte = open?.byte ?? size - remainder
        return problem(.unsealed(bytes: size - byte), line, byte, open?.sequence)
    }

    private mutating func takeSeal(_ line: UnsafeRawBufferPointer, _ number: Int, _ byte: Int) -> AuditProblem? {
        guard let seal = SealLine(line) else { return problem(.malformed("is not a seal of version 1"), number, byte, nil) }
        guard let start = open, let next = nextSequence else {
            return problem(.malformed("this seal covers no record"), number, byte, nil)
        }
        // Records whose own seal is gone are claimed by the next one, which begins behind them.
        guard seal.first == start.sequence else {
            return problem(.hash(firstLine: start.line, lastLine: number), start.line, start.byte, start.sequence)
        }
        guard seal.last == next - 1 else {
            return problem(.sequence(expected: next - 1, found: seal.last), number, byte, seal.last)
        }
        // In the first commit of a new log there is nothing to follow, and the previous hash is zero.
        let previous = head?.hash ?? (start.sequence == 1 ? AuditDigest() : nil)
        guard previous == nil || seal.previous == previous else { return problem(.link, number, byte, seal.first) }
        guard seal.synced == UInt64(sealedBytes) else {
            return problem(.malformed("synced is \(seal.synced), the seal before ends at \(sealedBytes)"), number, byte, seal.first)
        }
        if !firstLine.isEmpty {
            hash.update(seal.previous)
            firstLine.withUnsafeBytes { hash.update($0) }
            hash.update(UInt8(ascii: "\n"))
            firstLine = []
        }
        hash.update(UnsafeRawBufferPointer(rebasing: line[..<seal.covered]))
        guard hash.finish() == seal.hash else {
            return problem(.hash(firstLine: start.line, lastLine: number), start.line, start.byte, start.sequence)
        }
        if let timeProblem { return timeProblem }
        head = AuditHead(sequence: seal.last, hash: seal.hash)
        records += seal.last - seal.first + 1
        seals += 1
        sealedBytes = byte + line.count + 1
        open = nil
        return nil
    }

    /// Whether the line's times go with those before it: no more than five seconds back, unless the line says that the
    /// clock was set or that the machine may have been started anew.
    private mutating func followsClock(_ prefix: RecordPrefix) -> Bool {
        if prefix.kind == .clock {
            clockSteps += 1
            clock.wall = prefix.time
        }
        if prefix.kind == .open { clock.monotonic = 0 }
        let nanoseconds = UInt64(Self.tolerance) * 1000
        // A segment begins on its own account: a step of the clock is told by the next record.
        guard prefix.kind == .segment || prefix.kind == .clock
            || (clock.wall == .min || prefix.time >= clock.wall - Self.tolerance)
                && (prefix.monotonic >= clock.monotonic || clock.monotonic - prefix.monotonic <= nanoseconds)
        else { return false }
        if prefix.kind != .segment {
            clock.wall = max(clock.wall, prefix.time)
            clock.monotonic = max(clock.monotonic, prefix.monotonic)
        }
        return true
    }

    private func problem(_ cause: AuditProblem.Cause, _ line: Int, _ byte: Int, _ sequence: UInt64?) -> AuditProblem {
        AuditProblem(cause: cause, file: file, line: line, byte: byte, sequence: sequence)
    }
}
