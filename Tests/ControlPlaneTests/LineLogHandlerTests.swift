import Foundation
import Logging
import Policy
import Synchronization
import Testing

@testable import ControlPlane

struct LineLogHandlerTests {
    private func lines(_ format: Settings.Log.Format, _ body: (Logger) -> Void) -> [String] {
        let written = Written()
        var settings = Settings.Log()
        settings.format = format
        body(Logger(label: "test") { LineLogHandler(label: $0, settings: settings, write: { line in written.text.withLock { $0 += line } }) })
        return written.text.withLock { $0 }.split(separator: "\n").map(String.init)
    }

    private final class Written: Sendable { let text = Mutex("") }

    @Test func aStrangerCannotForgeALine() throws {
        for format in Settings.Log.Format.allCases {
            let lines = lines(format) { $0.error("bad\nnotice forged", metadata: ["who": "a\r\n\u{1b}[2J\u{2028}\"b"]) }
            #expect(lines.count == 1)
            #expect(!lines[0].unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 || $0.value == 0x1b })
        }
    }

    @Test func jsonLinesAreJSON() throws {
        let lines = lines(.json) { $0.notice("a \"quoted\" word\u{7f}", metadata: ["key": "va\\lue\t"]) }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: String])
        #expect(object["message"] == "a \"quoted\" word\u{7f}")
        #expect(object["key"] == "va\\lue\t")
        #expect(object["level"] == "notice")
    }

    @Test func longFieldsAreCut() {
        let lines = lines(.text) { $0.notice("x", metadata: ["body": "\(String(repeating: "y", count: 100_000))"]) }
        #expect(lines[0].utf8.count < 2 * LineLogHandler.fieldLimit)
    }

    @Test func levelsBelowTheSettingStaySilent() {
        #expect(lines(.text) { $0.debug("quiet") }.isEmpty)
    }
}
