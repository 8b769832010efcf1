import Adapters
import Bytes
import Foundation
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

    /// Values by address in a field of a form, as Mailgun has them.
    static func variables(data: [String] = [], limit: Int = 1000) throws -> Endpoint {
        let vars = "vars | json | {*}"
        return try LanguageFixture.endpoint(
            channels: [.email], [LanguageFixture.mail("to") { $0.repeats = true }, LanguageFixture.mail(vars) { $0.mention = .always }]
        ) {
            $0.formats = [.form, .multipart]
            $0.strip = [StripSpec(remove: "to", whenEmpty: .reject), StripSpec(remove: vars, whenEmpty: .keep)]
            $0.data = data
            $0.recipientLimit = limit
        }
    }

    static func form(_ endpoint: Endpoint, to: [String], _ vars: String, inQuery: Bool = false, parts: Bool = false) -> String {
        func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
        var fields = to.map { ("to", $0) }
        if !inQuery { fields.append(("vars", vars)) }
        let query = Array((inQuery ? "vars=\(escaped(vars))" : "").utf8)
        let type = Array((parts ? "multipart/form-data; boundary=b" : "application/x-www-form-urlencoded").utf8)
        let body = Array(
            (parts
                ? fields.map { "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n" }.joined() + "--b--\r\n"
                : fields.map { "\($0)=\(escaped($1))" }.joined(separator: "&")).utf8)
        var inspector = Fixture.inspector()
        switch inspector.inspect(
            endpoint, contentType: type.span, query: query.span, body: body.span, isSigned: false, suppressions: Fixture.suppressed)
        {
        case .allow: return "allow"
        case .reject: return "reject"
        case .refuse(let cause): return "refuse \(cause.label)"
        case .strip:
            var out = GrowableBytes()
            inspector.appendRewritten(body.span, into: &out)
            let text = String(decoding: out.array, as: UTF8.self)
            return parts ? text : text.removingPercentEncoding ?? text
        }
    }

    @Test(arguments: [false, true]) func valuesByAddressGoWithTheirRecipient(parts: Bool) throws {
        let endpoint = try Self.variables()
        func outcome(_ to: String..., vars: String) -> String { Self.form(endpoint, to: to, vars, parts: parts) }
        func left(_ to: String, _ vars: String) -> String {
            parts
                ? "--b\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\n\(to)\r\n--b\r\nContent-Disposition: form-data; name=\"vars\"\r\n\r\n\(vars)\r\n--b--\r\n"
                : "to=\(to)&vars=\(vars)"
        }
        #expect(outcome("ann@example.com", vars: #"{"ann@example.com":{"n":"A"}}"#) == "allow")
        #expect(
            outcome("ann@example.com", "gone@example.com", vars: #"{ "Gone@Example.com" :{"mail":"gone@example.com"}, "ann@example.com":{"n":1}}"#)
                == left("ann@example.com", #"{ "ann@example.com":{"n":1}}"#))
        #expect(outcome("gone@example.com", "ann@example.com", vars: #"{"\u0067one@example.com":1}"#) == left("ann@example.com", "{}"))
        // Nobody is sent to because of a key, and no key of somebody who opted out goes on.
        #expect(outcome("gone@example.com", vars: #"{"ann@example.com":1}"#) == "reject")
        #expect(outcome("ann@example.com", vars: #"{"gone@example.com":1}"#) == left("ann@example.com", "{}"))
        // What stands in another person's values stays, and so does the request's refusal.
        #expect(outcome("ann@example.com", "gone@example.com", vars: #"{"ann@example.com":{"friend":"gone@example.com"},"gone@example.com":1}"#) == "refuse suppressed-elsewhere")
        #expect(outcome("ann@example.com", vars: #"{"ann@example.com":{"friend":"gone@example.com"}}"#) == "refuse suppressed-elsewhere")
        for (vars, cause) in [
            (#"{"ann@example.com":1,"ann@example.com":2}"#, "name-repeated"), (#"{"ann":1}"#, "recipient-malformed"), (#"["gone@example.com"]"#, "recipient-mistyped"),
            ("", "body-malformed"), ("{", "body-malformed"), (#"{"ann@example.com":1}x"#, "body-malformed"),
        ] { #expect(outcome("ann@example.com", vars: vars) == "refuse \(cause)", "\(vars)") }
        // A query is not written anew.
        #expect(Self.form(endpoint, to: ["ann@example.com"], #"{"gone@example.com":1}"#, inQuery: true, parts: parts) == "reject")
    }

    @Test func valuesThatAreData() throws {
        let endpoint = try Self.variables(data: ["vars | json | {*}"])
        #expect(Self.form(endpoint, to: ["ann@example.com"], #"{"ann@example.com":{"friend":"gone@example.com","x":[{"gone@example.com":"left@example.org"}]}}"#) == "allow")
        #expect(
            Self.form(endpoint, to: ["ann@example.com", "gone@example.com"], #"{"ann@example.com":{"friend":"gone@example.com"},"gone@example.com":1}"#)
                == #"to=ann@example.com&vars={"ann@example.com":{"friend":"gone@example.com"}}"#)
        let one = try Self.variables(data: ["vars | json | {*}.friend"])
        #expect(Self.form(one, to: ["ann@example.com"], #"{"ann@example.com":{"friend":{"mail":"gone@example.com"}}}"#) == "allow")
        #expect(Self.form(one, to: ["ann@example.com"], #"{"ann@example.com":{"Friend":"gone@example.com"}}"#) == "refuse suppressed-elsewhere")
        for data in ["other | json | x", "vars | base64 | json | x", "vars | mime"] {
            #expect(throws: AdapterProblem.self, "\(data)") { try Self.variables(data: [data]) }
        }
    }

    /// Each recipient may have values of their own.
    @Test func mentionsHaveALimitOfTheirOwn() throws {
        let endpoint = try Self.variables(limit: 3), people = (0..<4).map { "p\($0)@example.com" }
        func vars(_ count: Int) -> String { "{" + people[..<count].map { "\"\($0)\":1" }.joined(separator: ",") + "}" }
        #expect(Self.form(endpoint, to: Array(people[..<3]), vars(3)) == "allow")
        #expect(Self.form(endpoint, to: people, vars(3)) == "refuse recipients-too-many")
        #expect(Self.form(endpoint, to: Array(people[..<3]), vars(4)) == "refuse recipients-too-many")
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
        #expect(problem { $0.strip = [StripSpec(remove: "raw | base64 | mime", whenEmpty: .keep, with: ["x.{recipient}"])] }?.hasSuffix("strip[0].with") == true)
        #expect(problem { $0.recipients[0].list = .mailboxes }?.hasSuffix("recipients[0].list") == true)
    }
}
