import Testing

@Suite(.serialized) struct IntakeTests {
    @Test func aStopIsRecordedEnforcedAndAnswered() async throws {
        let gate = try await TestGate()
        #expect(try await gate.send(to: "+14155550199").status == 201)
        let answer = try await gate.text(from: "+14155550199", "Stop please", sid: "SM1")
        #expect(answer.status == 200)
        #expect(answer.body.contains("<Response/>"))
        #expect(try await gate.send(to: "+14155550199").status == 400)
        // Twilio delivers again when it did not hear the answer.
        #expect(try await gate.text(from: "+14155550199", "Stop please", sid: "SM1").status == 200)
        let metrics = try await gate.health.call("GET", "/metrics").body
        #expect(metrics.contains("stopgate_intake_webhooks_total{result=\"opt-out\"} 1\n"))
        #expect(metrics.contains("stopgate_intake_webhooks_total{result=\"replayed\"} 1\n"))
        #expect(metrics.contains("\nstopgate_ledger_position 1\n"))
        await gate.end()
    }

    @Test func theUntouchedWebhookGoesOnToTheApplication() async throws {
        let gate = try await TestGate(forward: true)
        let answer = try await gate.text(from: "+14155550199", "STOP", sid: "SM1")
        #expect(answer.status == 201, "the application's own answer")
        let request = try #require(gate.provider.requests.first)
        #expect(request.target == "/app/sms")
        #expect(request.host == "127.0.0.1:\(gate.provider.port)")
        #expect(request.fields["x-twilio-signature"]?.isEmpty == false)
        #expect(request.body == "AccountSid=AC1&Body=STOP&From=%2B14155550199&MessageSid=SM1&To=%2B15005550006")
        #expect(try await gate.send(to: "+14155550199").status == 400)
        #expect(try await gate.text(from: "+14155550199", "What are your hours?", sid: "SM2").status == 201)
        #expect(gate.provider.requests.count == 2)
        await gate.end()
    }

    @Test func whatIsNotSignedIsRefusedWithoutDetail() async throws {
        let gate = try await TestGate(forward: true)
        let forged = try await gate.text(from: "+14155550199", "STOP", sid: "SM1", token: "guess")
        #expect(forged.status == 401)
        #expect(forged.body.isEmpty)
        let form = ["content-type": "application/x-www-form-urlencoded"]
        #expect(try await gate.intake.call("POST", "/intake/twilio/messages", fields: form, body: "Body=STOP").status == 401)
        #expect(try await gate.intake.call("POST", "/elsewhere", fields: form, body: "Body=STOP").status == 404)
        #expect(try await gate.intake.call("GET", "/intake/twilio/messages").status == 405)
        let large = String(repeating: "x", count: 1 << 20 + 1)
        #expect(try await gate.intake.call("POST", "/intake/twilio/messages", fields: form, body: "Body=" + large).status == 413)
        #expect(gate.provider.requests.isEmpty)
        #expect(try await gate.send(to: "+14155550199").status == 201)
        let metrics = try await gate.health.call("GET", "/metrics").body
        for (label, count) in [("bad-signature", 1), ("missing-signature", 1), ("unknown-path", 1), ("method-not-allowed", 1), ("too-large", 1)] {
            #expect(metrics.contains("stopgate_intake_webhooks_total{result=\"\(label)\"} \(count)\n"))
        }
        await gate.end()
    }

    @Test func manyStopsAtOnceAreAllEnforced() async throws {
        let gate = try await TestGate()
        let numbers = (100..<140).map { "+14155550\($0)" }
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for (index, number) in numbers.enumerated() { group.addTask { try? await gate.text(from: number, "STOP", sid: "SM\(index)").status } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 })
        for number in numbers { #expect(try await gate.send(to: number).status == 400) }
        await gate.end()
    }
}
