import Foundation
import Testing

@Suite(.serialized) struct ReloadTests {
    @Test func newRulesTakeEffectAndBadOnesChangeNothing() async throws {
        let gate = try await TestGate()
        let before = try await gate.health.call("GET", "/ready").member("ruleset", as: String.self)
        #expect(try await gate.proxy.call("POST", "/twilio/2010-04-01/Accounts/AC1/Faxes.json").status == 404)

        try gate.edit("providers/twilio.yaml", "unmatched: reject", "unmatched: rejct")
        let refused = try await gate.admin.call("POST", "/v1/reload")
        #expect(refused.status == 422)
        #expect(refused.body.contains("twilio.yaml:"))
        let ready = try await gate.health.call("GET", "/ready")
        #expect(ready.status == 200)
        #expect(ready.member("ruleset") == before)
        #expect(ready.member("warnings", as: [String].self)?.first?.contains("rejct") == true)
        #expect(try await gate.health.call("GET", "/metrics").body.contains("\nstopgate_reload_refused 1\n"))

        try gate.edit("providers/twilio.yaml", "unmatched: rejct", "unmatched: forward")
        #expect(try await gate.admin.call("POST", "/v1/reload").status == 200)
        #expect(try await gate.proxy.call("POST", "/twilio/2010-04-01/Accounts/AC1/Faxes.json").status == 201)
        #expect(try await gate.health.call("GET", "/ready").member("ruleset") != before)
        #expect(try await gate.health.call("GET", "/metrics").body.contains("\nstopgate_reload_refused 0\n"))
        await gate.end()
    }

    @Test func aChangedFileIsNoticed() async throws {
        let gate = try await TestGate()
        let before = try await gate.health.call("GET", "/ready").member("ruleset", as: String.self)
        try gate.edit("channels/sms.yaml", "stop_words:\n  en:", "stop_words:\n  en:\n    - basta")
        var now = before
        for _ in 0..<600 where now == before {
            try await Task.sleep(for: .milliseconds(100))
            now = try await gate.health.call("GET", "/ready").member("ruleset")
        }
        #expect(now != before)
        #expect(try await gate.text(from: "+14155550199", "basta", sid: "SM1").status == 200)
        #expect(try await gate.send(to: "+14155550199").status == 400)
        await gate.end()
    }

    /// Counts stay with their provider when the rules move it.
    @Test func countsFollowTheProviderAcrossAReload() async throws {
        let gate = try await TestGate()
        #expect(try await gate.send(to: "+14155550123").status == 201)
        let line = "\nstopgate_requests_total{provider=\"twilio\",verdict=\"allowed\"} "
        #expect(try await gate.health.call("GET", "/metrics").body.contains(line + "1\n"))
        // Its file now sorts before the other provider's.
        try FileManager.default.moveItem(
            atPath: gate.directory + "/policies/providers/twilio.yaml", toPath: gate.directory + "/policies/providers/a.yaml")
        #expect(try await gate.admin.call("POST", "/v1/reload").status == 200)
        #expect(try await gate.send(to: "+14155550124").status == 201)
        let page = try await gate.health.call("GET", "/metrics").body
        #expect(page.contains(line + "2\n"))
        #expect(page.contains("\nstopgate_requests_total{provider=\"sendgrid\",verdict=\"allowed\"} 0\n"))
        await gate.end()
    }
}
