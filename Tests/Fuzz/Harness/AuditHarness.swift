import Audit
import Foundation

/// A segment of the audit log, as somebody may have left it.
///
/// - Reading ends, and what it tells lies inside of the file.
/// - Only the genuine log, up to a seal, is good.
/// - A log that opens for writing is good once it is closed, and goes on where the seals ended.
enum AuditHarness {
    private static let name = "audit-0000000001.jsonl"

    /// The log the inputs are mutations of.
    private static let genuine: [UInt8] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        guard let data = try? Data(contentsOf: folder.appendingPathComponent("Corpus/audit-read/genuine.jsonl")) else {
            fatalError("Corpus/audit-read/genuine.jsonl is missing")
        }
        return Array(data)
    }()

    static func read(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let scratch = ScratchDirectory()
        scratch.write(input, to: name)
        do {
            let report = try AuditVerifier(directory: scratch.path).verify()
            let live = try AuditVerifier(directory: scratch.path).verify(isLive: true)
            if let problem = report.problem {
                let isInside = (0...input.count).contains(problem.byte) && problem.line >= 0
                try require(isInside && !problem.description.isEmpty, "a problem at \(problem.byte)")
            } else {
                try require(report.bytes == input.count && live == report, "good, and not all of it")
                try require(genuine.starts(with: input), "somebody else's log is good")
            }
            try require(live.unsealedBytes <= input.count && report.records >= report.seals, "counts")
            var found = 0
            let summary = try AuditSearch(directory: scratch.path, key: nil).run(AuditQuery()) { entry in
                found += "\(entry)".isEmpty ? 0 : 1
                return true
            }
            try require(found == summary.found, "\(found) entries of \(summary.found)")
            _ = try AuditTail(directory: scratch.path, from: .beginning).read()
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(description: "\(error)")
        }
    }

    static func recover(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        let scratch = ScratchDirectory()
        let keys = ScratchDirectory()
        scratch.write(input, to: name)
        var settings = AuditSettings()
        settings.ringBytes = 1 << 16
        settings.stopBelow = .init(percent: 0, bytes: 0)
        settings.warnBelow = .init(percent: 0, bytes: 0)
        do {
            let before = try AuditVerifier(directory: scratch.path).verify()
            let log = try AuditLog(directory: scratch.path, key: AuditKey.loadOrCreate("\(keys.path)/key"), lanes: 1, settings: settings)
            let recovery = log.recovery
            log.close()
            let after = try AuditVerifier(directory: scratch.path).verify()
            try require(after.problem == nil, "after recovery: \(after.problem.map { "\($0)" } ?? "")")
            try require(before.head.map { $0.sequence == recovery.lastSequence } ?? true, "it went on behind \(recovery.lastSequence)")
            try require(after.records > before.records, "records were lost")
            let bytes = scratch.bytes(of: name)
            let kept = recovery.cutFile.map { scratch.bytes(of: $0) } ?? []
            try require(kept.count == recovery.cutBytes && bytes.count >= input.count - kept.count, "bytes were lost")
            let sealed = input.count - kept.count
            try require(bytes.starts(with: input[..<sealed]) && kept.elementsEqual(input[sealed...]), "bytes were altered")
        } catch let violation as Violation {
            throw violation
        } catch let failure as AuditFailure {
            // Refused: then nothing was touched.
            guard case .damaged = failure else { throw Violation(description: "\(failure)") }
            try require(scratch.bytes(of: name).elementsEqual(input), "a refused log was altered")
        } catch {
            throw Violation(description: "\(error)")
        }
    }
}
