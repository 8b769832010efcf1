import Adapters
import Bytes
import Gate
import Recipients
import Testing

/// Sends whose recipients stand in texts inside of fields.
@Suite struct NestedSendTests {
    static func base64(_ text: String) -> String { NestedDocumentTests.base64(text) }

    /// A message beside a list of its own, as Amazon SES has them.
    static func endpoint(_ whenEmpty: StripSpec.WhenEmpty?, at: String = "raw | base64 | mime") throws -> Endpoint {
        try LanguageFixture.endpoint(channels: [.email], [LanguageFixture.mail("to[*]"), LanguageFixture.mail(at)]) { spec in
            spec.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)]
            if let whenEmpty { spec.strip.append(StripSpec(remove: at, whenEmpty: whenEmpty)) }
        }
    }

    static func body(_ message: String, to: String = #""ann@example.com""#) -> String { #"{"to":[\#(to)],"raw":"\#(base64(message))","x":"\u00e9"}"# }

    static let ann = "To: Ann <ann@example.com>,\r\n Gone <gone@example.com>\r\nSubject: Hi\r\n\r\nHi\r\n"
    static let annAlone = "To: Ann <ann@example.com>\r\nSubject: Hi\r\n\r\nHi\r\n"

    @Test func messages() throws {
        let keep = try Self.endpoint(.keep)
        func outcome(_ message: String, to: String = #""ann@example.com""#) -> String { LanguageFixture.outcome(keep, Self.body(message, to: to)) }
        #expect(outcome(Self.annAlone) == "allow")
        #expect(outcome(Self.ann) == Self.body(Self.annAlone))
        let group = "To: Gone <gone@example.com>, Team: gone@example.com, ann@example.com;, left@example.org\r\n\r\n"
        #expect(outcome(group) == Self.body("To: Team: ann@example.com;\r\n\r\n"))
        #expect(outcome(Self.ann, to: #""ann@example.com","left@example.org""#) == Self.body(Self.annAlone))
        #expect(outcome("Bcc: gone@example.com\r\nSubject: Hi\r\n\r\n") == Self.body("Subject: Hi\r\n\r\n"))
        #expect(outcome(Self.annAlone, to: #""gone@example.com""#) == "reject")
        #expect(outcome("X-Receiver: gone@example.com\r\n\(Self.annAlone)") == "refuse suppressed-elsewhere")
        #expect(outcome("Subject: gone@example.com\r\n\(Self.annAlone.dropFirst(0).replacing("Subject: Hi\r\n", with: ""))") == "allow")
        #expect(outcome("DKIM-Signature: x\r\n\(Self.ann)") == "reject")
        #expect(outcome("To: gone@example.com (x)\r\n\r\n") == "refuse recipient-malformed")
        #expect(outcome("To: ann@example.com\r\nTo: gone@example.com\r\n\r\n") == "refuse body-malformed")
        #expect(outcome("To: ann@example.com; gone@example.com\r\n\r\n") == "refuse recipient-malformed")
        #expect(LanguageFixture.outcome(keep, #"{"to":["ann@example.com"],"raw":"a b"}"#) == "refuse body-malformed")
        #expect(LanguageFixture.outcome(keep, #"{"to":["ann@example.com"],"raw":{}}"#) == "refuse recipient-mistyped")
        #expect(LanguageFixture.outcome(keep, #"{"to":["ann@example.com"]}"#) == "allow")
    }

    @Test func withoutARuleNobodyIsTakenOut() throws {
        #expect(LanguageFixture.outcome(try Self.endpoint(nil), Self.body(Self.ann)) == "reject")
        let reject = try Self.endpoint(.reject)
        #expect(LanguageFixture.outcome(reject, Self.body(Self.ann)) == Self.body(Self.annAlone))
        #expect(LanguageFixture.outcome(reject, Self.body("To: gone@example.com\r\n\r\n")) == "reject")
    }

    @Test func documentsInStrings() throws {
        let endpoint = try Self.endpoint(.keep, at: "doc | json | to[*]")
        #expect(LanguageFixture.outcome(endpoint, #"{"doc":"{\"to\":[\"gone@example.com\",\u0022ann@example.com\"]}"}"#) == #"{"doc":"{\"to\":[\u0022ann@example.com\"]}"}"#)
        #expect(LanguageFixture.outcome(endpoint, #"{"doc":"{\"to\":[\"ann@example.com\"],\"x\":\"gone@example.com\"}"}"#) == "refuse suppressed-elsewhere")
        #expect(LanguageFixture.outcome(endpoint, #"{"doc":"{\"To\":[\"gone@example.com\"]}"}"#) == "refuse name-misspelt")
        #expect(LanguageFixture.outcome(endpoint, #"{"doc":"{\"to\":[\"ann@example.com\"],\"to\":[]}"}"#) == "refuse name-repeated")
        #expect(LanguageFixture.outcome(endpoint, #"{"doc":"{\"to\":\"gone@example.com\"}"}"#) == "reject")
    }

    /// Many messages in one request, each of which goes when its last recipient does.
    @Test func itemsGoWithTheirText() throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], [LanguageFixture.mail("messages[*].raw | base64 | mime")]) { spec in
            spec.strip = [StripSpec(remove: "messages[*]", whenEmpty: .reject)]
        }
        func body(_ messages: String...) -> String { #"{"messages":["# + messages.map { #"{"raw":"\#(Self.base64($0))"}"# }.joined(separator: ",") + "]}" }
        #expect(LanguageFixture.outcome(endpoint, body(Self.annAlone, Self.ann)) == body(Self.annAlone))
        #expect(LanguageFixture.outcome(endpoint, body(Self.ann)) == "reject")
    }

    @Test func adapterProblems() {
        func problem(_ change: @escaping (inout EndpointSpec) -> Void) -> String? {
            do {
                _ = try LanguageFixture.endpoint(channels: [.email], [LanguageFixture.mail("raw | base64 | mime")], change)
                return nil
            } catch { return (error as? AdapterProblem)?.path }
        }
        #expect(problem { _ in } == nil)
        #expect(problem { $0.strip = [StripSpec(remove: "raw | base64 | mime", whenEmpty: .remove("raw"))] }?.hasSuffix("strip[0].when_empty") == true)
        #expect(problem { $0.strip = [StripSpec(remove: "raw | base64", whenEmpty: .keep)] }?.hasSuffix("strip[0].remove") == true)
        #expect(problem { $0.strip = [StripSpec(remove: "raw | base64 | mime", whenEmpty: .keep, with: ["x.{recipient}"])] }?.hasSuffix("strip[0]") == true)
        #expect(problem { $0.recipients[0].list = .mailboxes }?.hasSuffix("recipients[0].list") == true)
    }
}
