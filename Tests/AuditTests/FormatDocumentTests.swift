import Glibc
import Testing

@testable import Audit

/// The description of the format is held against the writer: its script has to accept what is written and refuse what was
/// altered.
@Suite struct FormatDocumentTests {
    private static let script: [UInt8] = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = String(decoding: Scratch.read("/\(root)/docs/audit-format.md"), as: UTF8.self)
        let parts = text.split(separator: "```", omittingEmptySubsequences: false)
        guard let code = parts.first(where: { $0.hasPrefix("python\n") }) else { return [] }
        return Array(code.dropFirst(7).utf8)
    }()

    private func run(_ directory: String, _ script: String) -> Int32 {
        let status = system("python3 '\(script)' '\(directory)' >/dev/null 2>&1")
        return status >> 8
    }

    @Test(.enabled(if: system("python3 -c '' 2>/dev/null") == 0))
    func theScriptOfTheDocumentAgreesWithTheWriter() throws {
        let tools = Scratch()
        #expect(Self.script.count > 500)
        tools.write(Self.script, to: "check.py")
        let script = "\(tools.path)/check.py"

        let scratch = Scratch()
        for _ in 0..<2 {
            let log = try AuditLog(
                directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests { $0.segmentBytes = 5000 })
            let lane = log.lane(0)
            for _ in 0..<30 {
                let ticket = try #require(lane.send())
                #expect(lane.waitUntilDurable(ticket))
            }
            log.close()
        }
        #expect(try scratch.segments().count > 4)
        #expect(run(scratch.log, script) == 0)
        for name in try scratch.segments() {
            let bytes = scratch.read(name)
            for index in [40, bytes.count / 2, bytes.count - 30] {
                var altered = bytes
                altered[index] ^= 2
                scratch.write(altered, to: name)
                #expect(run(scratch.log, script) != 0, "\(name) byte \(index)")
            }
            scratch.write(bytes, to: name)
        }
        #expect(run(scratch.log, script) == 0)
    }
}
