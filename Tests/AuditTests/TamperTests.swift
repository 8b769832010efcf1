import Testing

@testable import Audit

@Suite struct TamperTests {
    @Test func aGoodLogIsGood() throws {
        let log = try SampleLog()
        let report = try log.verify(log.bytes)
        #expect(report.problem == nil)
        #expect(report.records == 50)
        #expect(report.firstSequence == 1)
        #expect(report.head?.sequence == 50)
        #expect(report.seals == 12)
        #expect(report.bytes == log.bytes.count)
        #expect(SampleLog.check(log.bytes) == nil)
    }

    @Test func everyFlippedBitIsFoundInItsCommit() throws {
        let log = try SampleLog()
        for commit in 0..<log.starts.count - 1 {
            var bytes = log.bytes[log.starts[commit]..<log.starts[commit + 1]]
            #expect(log.check(commit: commit, bytes) == nil)
            for index in bytes.indices {
                for bit in 0..<8 {
                    bytes[index] ^= 1 << bit
                    let problem = log.check(commit: commit, bytes)
                    if problem == nil || problem!.byte > index + 1 {
                        Issue.record("bit \(bit) of byte \(index) flipped: \(String(describing: problem))")
                    }
                    bytes[index] ^= 1 << bit
                }
            }
        }
    }

    @Test func aFlippedBitInAFileIsNamedByTheVerifier() throws {
        let log = try SampleLog()
        for index in stride(from: 0, to: log.bytes.count, by: 211) {
            var bytes = log.bytes
            bytes[index] ^= 4
            let problem = try #require(try log.verify(bytes).problem)
            #expect(problem.file == SampleLog.file)
            #expect(problem.byte <= index)
            #expect(problem.description.contains("line \(problem.line)"))
        }
    }

    @Test func everyDeletedRepeatedAndSwappedLineIsFound() throws {
        let log = try SampleLog()
        let lines = SampleLog.lines(log.bytes)
        for index in lines.indices {
            var deleted = lines
            deleted.remove(at: index)
            let problem = try #require(SampleLog.check(Array(deleted.joined())))
            // Named is the line that took the place of the missing one, or the commit it was in.
            let commit = log.firstLines.last { $0 <= index + 1 } ?? 0
            #expect(problem.line >= commit && problem.line <= index + 2)
            var repeated = lines
            repeated.insert(lines[index], at: index)
            #expect(SampleLog.check(Array(repeated.joined())) != nil)
            guard index + 1 < lines.count else { continue }
            var swapped = lines
            swapped.swapAt(index, index + 1)
            #expect(SampleLog.check(Array(swapped.joined())) != nil)
        }
    }

    @Test func everyTruncationOfTheLastThreeRecordsIsFoundUnlessItIsAtASeal() throws {
        let log = try SampleLog()
        let lines = SampleLog.lines(log.bytes)
        let seals = lines.indices.filter { lines[$0].starts(with: "{\"v\":1,\"kind\":\"seal\"".utf8) }
        let sealEnds = Set(seals.map { lines[...$0].reduce(0) { $0 + $1.count } })
        let start = log.bytes.count - lines.suffix(7).reduce(0) { $0 + $1.count }
        for length in start..<log.bytes.count {
            let problem = SampleLog.check(Array(log.bytes[..<length]))
            if sealEnds.contains(length) {
                #expect(problem == nil)
            } else if case .unsealed(let count) = problem?.cause {
                #expect(count > 0 && (problem?.byte ?? 0) + count == length)
            } else {
                Issue.record("truncated at \(length): \(String(describing: problem))")
            }
        }
    }

    @Test func aLogCutAtASealIsFoundAgainstAHeadKeptElsewhere() throws {
        let log = try SampleLog()
        let head = try #require(try log.verify(log.bytes).head)
        let lines = SampleLog.lines(log.bytes)
        log.scratch.write(Array(lines.dropLast(2).joined()), to: SampleLog.file)
        let verifier = AuditVerifier(directory: log.scratch.log)
        #expect(try verifier.verify().problem == nil)
        #expect(try verifier.verify(contains: head).problem?.cause == .behindHead(head))
        log.scratch.write(log.bytes, to: SampleLog.file)
        #expect(try verifier.verify(contains: head).problem == nil)
        // The same number in another history has another hash.
        let other = try SampleLog()
        #expect(try AuditVerifier(directory: other.scratch.log).verify(contains: head).problem?.cause == .behindHead(head))
    }

    @Test func aCommitTakenFromAnotherLogIsFound() throws {
        let one = SampleLog.lines(try SampleLog().bytes)
        let other = SampleLog.lines(try SampleLog().bytes)
        #expect(one.count == other.count)
        let mixed = Array(one[..<9]) + Array(other[9...])
        #expect(SampleLog.check(Array(mixed.joined())) != nil)
    }
}
