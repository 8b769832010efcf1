/// Checks a log against its own chain: reads the files and nothing else, needs no key, changes nothing.
///
/// What it cannot see: records cut off at a seal from the very end, and a log written anew as a whole. Both show against a
/// head that was kept elsewhere.
public struct AuditVerifier: Sendable {
    private let directory: String

    public init(directory: String) { self.directory = directory }

    /// Reads the whole log once. Memory does not grow with it.
    /// - Parameters:
    ///   - isLive: a process may be writing: bytes behind the last seal are counted instead of reported as a problem.
    ///   - expected: a head this log had earlier.
    /// - Throws: ``AuditFailure/system(_:path:errno:)`` when a file cannot be read. What is wrong with the log itself is in
    ///   the report.
    public func verify(isLive: Bool = false, contains expected: AuditHead? = nil) throws(AuditFailure) -> AuditReport {
        let numbers = try SegmentName.list(directory)
        var report = AuditReport()
        guard let first = numbers.first, let last = numbers.last else {
            if let expected { report.problem = Self.missing(expected, in: SegmentName.name(1)) }
            return report
        }
        report.firstSegment = first
        var head = first == 1 ? AuditHead(sequence: 0, hash: AuditDigest()) : nil
        var clock = ChainChecker.Clock()
        var sawExpected = false
        for (index, number) in numbers.enumerated() {
            let name = SegmentName.name(number)
            if number != first + UInt64(index) {
                report.problem = AuditProblem(cause: .missingSegment, file: name, line: 1, byte: 0)
                return report
            }
            let reader = try SegmentReader(directory: directory, name: name)
            var checker = ChainChecker(file: name, segment: number, after: head, clock: clock, checksTime: true)
            let sealsBefore = report.seals
            report.segments += 1
            report.problem = try Self.read(reader, &checker) { checker in
                guard let expected, checker.head?.sequence == expected.sequence else { return nil }
                sawExpected = true
                return checker.head == expected ? nil : Self.missing(expected, in: name)
            }
            if report.firstSequence == nil { report.firstSequence = checker.firstSequence }
            report.records += checker.records
            report.seals = sealsBefore + checker.seals
            report.clockSteps += checker.clockSteps
            report.head = checker.seals > 0 ? checker.head : report.head
            let size = reader.offset + reader.remainder
            report.bytes += size
            if report.problem == nil { report.problem = checker.finish(remainder: reader.remainder, size: size) }
            if isLive, number == last, case .unsealed(let bytes) = report.problem?.cause {
                report.unsealedBytes = bytes
                report.problem = nil
            }
            guard report.problem == nil else { return report }
            head = checker.head
            clock = checker.clock
        }
        if let expected, !sawExpected { report.problem = Self.missing(expected, in: SegmentName.name(last)) }
        return report
    }

    private static func read(
        _ reader: SegmentReader, _ checker: inout ChainChecker,
        _ each: (borrowing ChainChecker) -> AuditProblem?
    ) throws(AuditFailure) -> AuditProblem? {
        while true {
            switch try reader.next() {
            case .end: return nil
            case .overlong: return reader.overlong
            case .line:
                let seals = checker.seals
                let problem = checker.take(reader.line, number: reader.lineNumber, byte: reader.lineOffset)
                if let problem { return problem }
                if checker.seals > seals, let problem = each(checker) { return problem }
            }
        }
    }

    private static func missing(_ head: AuditHead, in file: String) -> AuditProblem {
        AuditProblem(cause: .behindHead(head), file: file, line: 1, byte: 0)
    }
}
