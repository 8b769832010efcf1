import Foundation
import Testing

@testable import ControlPlane

@Suite(.serialized) struct HealthTests {
    @Test func metricsAreWellFormedAndNameNobody() async throws {
        let gate = try await TestGate()
        _ = try await gate.add(#"{"identifier":"+14155550123"}"#)
        #expect(try await gate.send(to: "+14155550123").status == 400)
        #expect(try await gate.send(to: "+14155550124").status == 201)
        let page = try await gate.health.call("GET", "/metrics")
        #expect(page.status == 200)
        let samples = try PrometheusPage(page.body)
        #expect(samples["stopgate_requests_total{provider=\"twilio\",verdict=\"allowed\"}"] == 1)
        #expect(samples["stopgate_requests_total{provider=\"twilio\",verdict=\"rejected\"}"] == 1)
        #expect(samples["stopgate_inspection_seconds_count"] == 2)
        #expect(samples["stopgate_inspection_seconds_bucket{le=\"+Inf\"}"] == 2)
        #expect(samples["stopgate_index_ledger_position"] == 1)
        #expect(samples["stopgate_ledger_position"] == 1)
        #expect(samples["stopgate_audit_up"] == 1)
        #expect(samples["process_resident_memory_bytes"] ?? 0 > 1_048_576)
        #expect(!page.body.contains("4155550"))
        await gate.end()
    }

    @Test func liveAndReady() async throws {
        let gate = try await TestGate()
        #expect(try await gate.health.call("GET", "/live").status == 200)
        let ready = try await gate.health.call("GET", "/ready")
        #expect(ready.status == 200)
        #expect(ready.member("ready") == true)
        gate.runtime.parts.readiness.setDraining()
        let draining = try await gate.health.call("GET", "/ready")
        #expect(draining.status == 503)
        #expect(draining.member("reasons") == ["the gate is shutting down"])
        await gate.end()
    }

    /// Reads the text format, with its rules: every sample belongs to a family announced before, once.
    private struct PrometheusPage {
        struct Malformed: Error { let line: String }
        private var values: [String: Double] = [:]

        init(_ text: String) throws {
            var families: Set<String> = []
            var current = ""
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                if words[0] == "#" {
                    if words[1] == "TYPE" {
                        guard families.insert(words[2]).inserted else { throw Malformed(line: String(line)) }
                        current = words[2]
                    }
                    continue
                }
                guard let blank = line.lastIndex(of: " "), let value = Double(line[line.index(after: blank)...]), line.hasPrefix(current),
                    values.updateValue(value, forKey: String(line[..<blank])) == nil
                else { throw Malformed(line: String(line)) }
            }
        }

        subscript(name: String) -> Double? { values[name] }
    }
}
