import Glibc
import Testing

@testable import Audit

@Suite struct AuditLogTests {
    @Test func writesADecisionBeforeItSaysSo() throws {
        let scratch = Scratch()
        let log = try AuditLog(directory: scratch.log, key: scratch.key(), lanes: 1, settings: .forTests())
        let lane = log.lane(0)
        let queued = lane.send()
        let ticket = try #require(queued)
        #expect(lane.waitUntilDurable(ticket))
        let text = String(decoding: scratch.read("audit-0000000001.jsonl"), as: UTF8.self)
        #expect(text.contains("\"id\":\"\(lane.id(of: ticket))\""))
        log.close()
        #expect(log.state == .closed)
    }
}
