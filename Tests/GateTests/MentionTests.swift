import Adapters
import Bytes
import Gate
import Recipients
import Testing

private typealias L = LanguageFixture

/// Places that name a recipient who stands elsewhere.
@Suite struct MentionTests {
    private static func variables() throws -> Endpoint {
        try L.endpoint(channels: [.email], [L.mail("to[*]"), L.mail("vars[*].rcpt") { $0.mention = .always }]) {
            $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .keep), StripSpec(remove: "vars[*]", whenEmpty: .remove("vars"))]
        }
    }

    @Test func goWithTheirRecipient() throws {
        let endpoint = try Self.variables()
        #expect(L.outcome(endpoint, #"{"to":["a@example.com"],"vars":[{"rcpt":"a@example.com"}]}"#) == "allow")
        let body = #"{"to":["gone@example.com","a@example.com"],"vars":[{"rcpt":"gone@example.com"},{"rcpt":"a@example.com"}]}"#
        #expect(L.outcome(endpoint, body) == #"{"to":["a@example.com"],"vars":[{"rcpt":"a@example.com"}]}"#)
        #expect(L.outcome(endpoint, #"{"to":["a@example.com"],"vars":[{"rcpt":"gone@example.com"}]}"#) == #"{"to":["a@example.com"]}"#)
    }

    @Test func areNobodyToSendTo() throws {
        let endpoint = try Self.variables()
        #expect(L.outcome(endpoint, #"{"to":["gone@example.com"],"vars":[{"rcpt":"a@example.com"}]}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"to":[],"vars":[{"rcpt":"a@example.com"}]}"#) == "refuse recipient-missing")
    }

    @Test func areNotCounted() throws {
        let endpoint = try Self.variables()
        var inspector = Fixture.inspector()
        _ = L.outcome(&inspector, endpoint, #"{"to":["gone@example.com","a@example.com"],"vars":[{"rcpt":"gone@example.com"}]}"#)
        #expect(inspector.blockedCount == 1)
        #expect(inspector.recipients.map(\.isMention) == [false, false, true])
    }

    /// The headers of a message are its envelope unless there is one apart.
    @Test func besideAnEnvelope() throws {
        let endpoint = try L.endpoint(
            channels: [.email], [L.mail("Envelope.To[*]"), L.mail("Envelope.Cc[*]"), L.mail("Shown[*]") { $0.mention = .beside("Envelope") }]
        ) {
            $0.strip = ["Envelope.To", "Envelope.Cc", "Shown"].map { StripSpec(remove: "\($0)[*]", whenEmpty: .keep) }
        }
        #expect(L.outcome(endpoint, #"{"Shown":["gone@example.com","a@example.com"]}"#) == #"{"Shown":["a@example.com"]}"#)
        #expect(L.outcome(endpoint, #"{"Shown":["gone@example.com"]}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"Envelope":{"To":["gone@example.com"]},"Shown":["a@example.com"]}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"Envelope":{"To":[]},"Shown":["a@example.com"]}"#) == "allow")
        let body = #"{"Envelope":{"To":["gone@example.com"],"Cc":["a@example.com"]},"Shown":["gone@example.com"]}"#
        #expect(L.outcome(endpoint, body) == #"{"Envelope":{"To":[],"Cc":["a@example.com"]},"Shown":[]}"#)
    }

    @Test(arguments: ["Envelop", "Shown", "to", "Envelope.Bcc"]) func besideNothing(place: String) {
        #expect(throws: AdapterProblem.self) {
            try L.endpoint(channels: [.email], mode: .group, [L.mail("Envelope.To[*]"), L.mail("Shown[*]") { $0.mention = .beside(place) }])
        }
    }

    @Test func somethingNamesTheRecipients() {
        #expect(throws: AdapterProblem.self) {
            try L.endpoint(channels: [.email], mode: .group, [L.mail("to[*]") { $0.mention = .always }])
        }
    }
}
