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

    /// The message is the whole body, as Gmail and Microsoft Graph take it.
    @Test(arguments: [("mime", "message/rfc822"), ("base64 | mime", "text/plain")]) func wholeBodies(at: String, type: String) throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], [LanguageFixture.mail(at)]) { spec in
            spec.formats = [.mime]
            spec.contentTypes = [type]
            spec.strip = [StripSpec(remove: at, whenEmpty: .reject)]
        }
        func body(_ message: String) -> String { at == "mime" ? message : Self.base64(message) }
        func outcome(_ message: String, query: String = "", type other: String? = nil) -> String {
            var inspector = Fixture.inspector()
            let bytes = Array(body(message).utf8), type = Array((other ?? type).utf8), query = Array(query.utf8)
            let verdict = inspector.inspect(
                endpoint, contentType: type.span, query: query.span, body: bytes.span, isSigned: false, suppressions: Fixture.suppressed)
            guard case .strip = verdict else { return "\(verdict)" }
            var out = GrowableBytes()
            inspector.appendRewritten(bytes.span, into: &out)
            return String(decoding: out.array, as: UTF8.self)
        }
        #expect(outcome(Self.annAlone) == "allow")
        #expect(outcome(Self.ann) == body(Self.annAlone))
        #expect(outcome(Self.ann.replacing("\r\n", with: "\n")) == body(Self.annAlone.replacing("\r\n", with: "\n")))
        #expect(outcome("To: gone@example.com\r\n\r\n") == "reject")
        #expect(outcome("Subject: Hi\r\n\r\n") == "refuse(Adapters.Refusal.recipientMissing)")
        #expect(outcome(Self.annAlone, query: "uploadType=media") == "allow")
        #expect(outcome(Self.annAlone, query: "x=gone@example.com") == "refuse(Adapters.Refusal.suppressedElsewhere)")
        #expect(outcome(Self.annAlone, type: "application/json") == "refuse(Adapters.Refusal.contentTypeUnexpected)")
    }

    /// What stands in a header is not written anew, so nobody is taken out of it.
    @Test func headersAreNotRewritten() throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], [LanguageFixture.mail("to[*]"), LanguageFixture.mail("X-SMTPAPI | json | to[*]") { $0.location = .header }]) { spec in
            spec.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject), StripSpec(remove: "X-SMTPAPI | json | to[*]", whenEmpty: .keep)]
        }
        var inspector = Fixture.inspector()
        func verdict(_ header: String) -> Verdict {
            let bytes = Array(#"{"to":["ann@example.com"]}"#.utf8), type = Array("application/json".utf8), none: [UInt8] = []
            return inspector.inspect(
                endpoint, path: none.span, headers: OneHeader(name: "x-smtpapi", value: header), contentType: type.span, query: none.span, body: bytes.span,
                isSigned: false, suppressions: Fixture.suppressed)
        }
        #expect(verdict(#"{"to":["bob@example.com"]}"#) == .allow)
        #expect(verdict(#"{"to":["bob@example.com","gone@example.com"]}"#) == .reject)
        #expect(verdict(#"{"to":["bob@example.com"],"x":"gone@example.com"}"#) == .refuse(.suppressedElsewhere))
    }

    struct OneHeader: RequestHeaders {
        let name: String
        let value: String

        func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int {
            guard String(decoding: name.indices.map { name[$0] }, as: UTF8.self) == self.name else { return 0 }
            out.append(value)
            return 1
        }
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
