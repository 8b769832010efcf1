import Adapters
import Foundation
import Gate
import Policy
import Testing

/// The example for an in-house API in docs/adapters.md does what the page says.
@Suite struct DocumentedExampleTests {
    private static let endpoint: Endpoint? = {
        let root = URL(fileURLWithPath: Fixture.policies).deletingLastPathComponent()
        guard let page = try? String(contentsOf: root.appendingPathComponent("docs/adapters.md"), encoding: .utf8) else { return nil }
        let example = page.components(separatedBy: "```yaml\n")[1].components(separatedBy: "```")[0]
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("stopgate-example-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let shipped = URL(fileURLWithPath: Fixture.policies).resolvingSymlinksInPath()
        do {
            try FileManager.default.copyItem(at: shipped, to: directory)
            try example.write(to: directory.appendingPathComponent("providers/notify.yaml"), atomically: true, encoding: .utf8)
            return try PolicyLoader.load(directory: directory.path).adapters.first { $0.provider == "notify" }?.endpoints.first
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }()

    @Test func itHasTenLinesOrSo() throws {
        let endpoint = try #require(Self.endpoint)
        #expect(endpoint.label == "notify.send")
    }

    @Test func theTableHolds() throws {
        let endpoint = try #require(Self.endpoint)
        func outcome(_ body: String) -> String { LanguageFixture.outcome(endpoint, body) }
        #expect(outcome(#"{"to":["+14155550111","+14155550112"],"text":"hi"}"#) == "allow")
        #expect(outcome(#"{"to":["+14155550111","+14155550100"],"text":"hi"}"#) == #"{"to":["+14155550111"],"text":"hi"}"#)
        #expect(outcome(#"{"to":["+14155550100"],"text":"hi"}"#) == "reject")
        #expect(outcome(#"{"to":"+14155550111"}"#) == "refuse recipient-mistyped")
        #expect(outcome(#"{"To":["+14155550111"]}"#) == "refuse name-misspelt")
        #expect(outcome(#"{"to":[{"number":"+14155550111"}]}"#) == "refuse recipient-mistyped")
        #expect(outcome(#"{"to":["+14155550111"],"cc":"+14155550100"}"#) == "refuse suppressed-elsewhere")
    }
}
