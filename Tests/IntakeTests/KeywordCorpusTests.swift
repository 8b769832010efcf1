import Foundation
import Testing

@testable import Intake

@Suite struct KeywordCorpusTests {
    let engine = KeywordEngine(.sms)

    static func corpus() throws -> [(verdict: String, message: String)] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus/messages.tsv")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("# ") }.map { line in
            let tab = try #require(line.firstIndex(of: "\t"), "a line without a tab: \(line)")
            return (String(line[..<tab]), unescaped(String(line[line.index(after: tab)...])))
        }
    }

    private static func unescaped(_ text: String) -> String {
        var result = text.replacing("\\n", with: "\n").replacing("\\r", with: "\r").replacing("\\t", with: "\t")
        while let range = result.firstRange(of: /\\u\{[0-9a-f]+\}/) {
            let hex = result[range].dropFirst(3).dropLast()
            result.unicodeScalars.replaceSubrange(range, with: [Unicode.Scalar(UInt32(hex, radix: 16)!)!])
        }
        return result
    }

    private func verdict(_ message: String) -> String {
        switch engine.match(message) {
        case .optOut(let finding): "opt-out " + finding.matchedBy.rawValue
        case .optIn: "opt-in"
        case .optInOnlyWhenAsked: "when-asked"
        case .help: "help"
        case .reaction: "reaction"
        case .unmatched: "unmatched"
        }
    }

    @Test func everyMessageIsWhatTheCorpusSays() throws {
        let corpus = try Self.corpus()
        #expect(corpus.count >= 250)
        for (expected, message) in corpus { #expect(verdict(message) == expected, "\(message)") }
    }

    @Test func findingsCarryTheirEvidence() {
        guard case .optOut(let finding) = engine.match("ARRÊT, merci") else {
            Issue.record("no opt-out")
            return
        }
        #expect(finding == KeywordFinding(
            ruleID: "opt-out/courtesy/arret", rulePackVersion: "test-1", matchedBy: .courtesy, normalised: "arret merci", language: "fr"))
        #expect(engine.match("Hello  THERE!") == .unmatched(normalised: "hello there"))
    }

    @Test func longAndHostileTextsAreBounded() {
        let clock = ContinuousClock()
        for text in [
            String(repeating: "stop ", count: 200_000), String(repeating: "\u{fdfa}", count: 100_000), String(repeating: "a\u{301}", count: 200_000),
            "a" + String(repeating: "\u{301}", count: 300_000), String(repeating: "please ", count: 100_000), String(repeating: "\u{200b}", count: 500_000),
            String(repeating: "“", count: 500_000),
        ] {
            let took = clock.measure { #expect(verdict(text) == "unmatched") }
            #expect(took < .seconds(60))
        }
        // Up to the limit the words count, however often they come.
        #expect(verdict(String(repeating: "stop ", count: 800)) == "opt-out courtesy")
    }

    @Test func rulesWithoutWordsMatchNothing() {
        let empty = KeywordEngine(KeywordRules(version: "0", optOut: ["", "!"], optIn: [], help: [], courtesy: [""]))
        for text in ["", "stop", "!", " "] {
            guard case .unmatched = empty.match(text) else {
                Issue.record("matched \(text)")
                return
            }
        }
    }
}
