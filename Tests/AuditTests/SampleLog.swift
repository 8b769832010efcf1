import Glibc
import Recipients
import Testing

@testable import Audit

/// A closed log of fifty records in a dozen commits, and what it says.
struct SampleLog {
    let scratch = Scratch()
    let bytes: [UInt8]
    static let file = "audit-0000000001.jsonl"

    /// Where each commit starts, and where the last one ends; the line each starts with; the head before each.
    let starts: [Int]
    let firstLines: [Int]
    let heads: [AuditHead]

    /// - Parameter isClosed: `false` leaves the file as a killed process would.
    init(isClosed: Bool = true) throws {
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        for round in 0..<9 {
            let decision = try queued(lane.append(DecisionRecord.sample("+1555123\(4000 + round)"), at: .now()))
            var outcome = OutcomeRecord()
            outcome.decision = lane.id(of: decision)
            outcome.status = 201
            outcome.set(.message, "SM\(round)")
            _ = try queued(lane.append(outcome, at: .now()))
            var last = AuditTicket.none
            for _ in 0..<3 + (round < 2 ? 1 : 0) { last = try queued(lane.append(EventRecord("tick"), at: .now())) }
            lane.publish()
            try #require(lane.waitUntilDurable(last))
        }
        let unclosed = scratch.read(Self.file)
        log.close()
        if !isClosed { scratch.write(unclosed, to: Self.file) }
        bytes = scratch.read(Self.file)
        var (starts, firstLines, heads) = ([0], [1], [AuditHead(sequence: 0, hash: AuditDigest())])
        var offset = 0
        for (index, line) in Self.lines(bytes).enumerated() {
            offset += line.count
            guard let seal = line.dropLast().withUnsafeBytes({ SealLine($0) }) else { continue }
            starts.append(offset)
            firstLines.append(index + 2)
            heads.append(AuditHead(sequence: seal.last, hash: seal.hash))
        }
        (self.starts, self.firstLines, self.heads) = (starts, firstLines, heads)
    }

    /// The lines, their newlines included.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast().map { Array($0) + [0x0a] }
    }

    /// Checks bytes in memory as the verifier checks a file.
    static func check(_ bytes: [UInt8]) -> AuditProblem? {
        check(bytes[...], firstLine: 1, after: AuditHead(sequence: 0, hash: AuditDigest()))
    }

    /// Checks one commit, altered, as if the verifier had come to it.
    func check(commit: Int, _ altered: ArraySlice<UInt8>) -> AuditProblem? {
        Self.check(altered, firstLine: firstLines[commit], after: heads[commit])
    }

    private static func check(_ bytes: ArraySlice<UInt8>, firstLine: Int, after head: AuditHead) -> AuditProblem? {
        var checker = ChainChecker(
            file: Self.file, segment: 1, after: head, sealedBytes: bytes.startIndex, checksTime: true)
        let base = bytes.startIndex
        return bytes.withUnsafeBytes { raw in
            var start = 0
            var number = firstLine
            while start < raw.count, let newline = memchr(raw.baseAddress! + start, 0x0a, raw.count - start) {
                let end = UnsafeRawPointer(newline) - raw.baseAddress!
                let line = UnsafeRawBufferPointer(rebasing: raw[start..<end])
                if let problem = checker.take(line, number: number, byte: base + start) { return problem }
                start = end + 1
                number += 1
            }
            return checker.finish(remainder: raw.count - start, size: base + raw.count)
        }
    }

    func verify(_ bytes: [UInt8]) throws -> AuditReport {
        scratch.write(bytes, to: Self.file)
        return try AuditVerifier(directory: scratch.log).verify()
    }
}

func queued(_ result: AuditAppend) throws -> AuditTicket {
    guard case .queued(let ticket) = result else { throw NotQueued(result: result) }
    return ticket
}

struct NotQueued: Error { let result: AuditAppend }
