import Adapters
import AllocationCounter
import Bytes
import Gate
import Policy
import Recipients
import Suppression
import Testing

@Suite struct InspectorTests {
    private static let isDebug: Bool = {
        var isDebug = false
        assert({ isDebug = true; return true }())
        return isDebug
    }()
    private static let form = Array("application/x-www-form-urlencoded".utf8)
    private static let json = Array("application/json".utf8)

    private func inspect(
        _ inspector: inout Inspector, _ endpoint: Endpoint, _ body: [UInt8], isSigned: Bool = false,
        suppressions: Suppressions = Fixture.suppressed
    ) -> Verdict {
        let type = endpoint.bodyTypes[0].name
        return inspector.inspect(
            endpoint, contentType: type.span, query: [UInt8]().span, body: body.span, isSigned: isSigned,
            suppressions: suppressions)
    }

    private func mail(_ emails: [String]) -> [UInt8] {
        let list = emails.map { #"{"email":"\#($0)"}"# }.joined(separator: ",")
        return Array(#"{"personalizations":[{"to":[\#(list)]}],"from":{"email":"n@shop.example"}}"#.utf8)
    }

    @Test func judgesAgainWithoutReadingAgain() {
        var inspector = Fixture.inspector()
        let body = mail(["ann@example.com", "bob@example.com"])
        #expect(inspect(&inspector, Fixture.sendgrid, body) == .allow)
        let later = Suppressions([(.email, "bob@example.com", .all)])
        #expect(inspector.judge(later) == .strip)
        #expect(inspector.recipients.map(\.fate) == [.allowed, .blocked])
        #expect(inspector.judge(Suppressions([(.email, "bob@example.com", .all), (.email, "ann@example.com", .all)])) == .reject)
        #expect(inspector.judge(Suppressions([])) == .allow)
        #expect(inspector.recipients.map(\.fate) == [.allowed, .allowed])
    }

    /// Once, every escaped key was compared with every other: 5,000 of them kept a worker busy for half a minute.
    @Test func escapedUnknownKeysCostNoMoreThanPlainOnes() {
        func cost(_ key: String) -> Duration {
            var inspector = Fixture.inspector()
            let members = (0..<4000).map { #""\#(key)\#($0)":0"# }.joined(separator: ",")
            let body = Array(#"{"personalizations":[{"to":[{"email":"ann@example.com"}]}],\#(members)}"#.utf8)
            return (0..<3).map { _ in ContinuousClock().measure { #expect(inspect(&inspector, Fixture.sendgrid, body) == .allow) } }.min() ?? .zero
        }
        // The quadratic version was over 1,000 times as dear, so the bound may be wide enough for a busy machine.
        #expect(cost(#"\u006b"#) < cost("k") * 60)
    }

    /// What the audit log is given: the name the ledger has, whatever the bytes of the body were.
    @Test func everySpellingHasOneNormalForm() throws {
        var inspector = Fixture.inspector()
        func names() -> [String] {
            inspector.recipients.map { String(decoding: inspector.normalForms.bytes[$0.normalForm.range], as: UTF8.self) }
        }
        for to in [
            "%2B14155550111", "+14155550111", "%2b1%20415%20555%200111", "%2B1+%28415%29+555-0111", "14155550111", "4155550111",
            "whatsapp%3A%2B14155550111", "whatsapp:%2B1415555%30111", "WhatsApp%3A+%2B1.415.555.0111", "rcs:%2B14155550111", "%2b14155550111",
        ] {
            #expect(inspect(&inspector, Fixture.twilio, Array("To=\(to)&From=x".utf8)) == .allow)
            #expect(names() == ["+14155550111"], "\(to)")
        }
        for to in [
            "jo@example.com", "Jo@Example.COM", #"jo\u0040example.com"#, #"\u004ao@example.com"#, "Jo Doe <jo@example.com>", " jo@example.com ",
            #"\"Doe, Jo\" <jo@example.com>"#,
        ] {
            #expect(inspect(&inspector, Fixture.sendgrid, mail(["ann@example.com", to])) == .allow)
            #expect(names() == ["ann@example.com", "jo@example.com"], "\(to)")
        }
        let name = try CanonicalIdentifier(parsing: "J.o+x@gmail.com", rules: .standard).normalForm
        #expect(inspect(&inspector, Fixture.sendgrid, mail([#"J\u002eo+x@GoogleMail.com"#])) == .allow)
        #expect(names() == [name])
    }

    /// Digits in a field nobody declared: whoever they may mean is looked up, and a library is asked no more than so often.
    @Test func digitsInUnknownFieldsAreCoveredAndBounded() {
        var inspector = Fixture.inspector()
        func verdict(_ field: String) -> Verdict {
            inspect(&inspector, Fixture.twilio, Array("To=%2B14155550111&Body=x&\(field)".utf8))
        }
        for field in ["Order=4155550100", "Order=14155550100", "Order=0014155550100", "Order=01114155550100", "Order=%2B114155550100", "X=1+415+555+0100"] {
            #expect(verdict(field) == .refuse(.suppressedElsewhere), "\(field)")
        }
        #expect(verdict("Order=1000288127&Time=1795212345&Customer=20448812") == .allow)
        // Fullwidth digits, read by Unicode's tables.
        func many(_ count: Int) -> String { "X=" + Array(repeating: "%EF%BC%91+212+555+0111", count: count).joined(separator: "%2C") }
        #expect(verdict(many(200)) == .allow)
        #expect(verdict(many(201)) == .refuse(.bodyTooComplex))
    }

    @Test func aSignedMailIsNotStripped() {
        var inspector = Fixture.inspector()
        let body = mail(["ann@example.com", "gone@example.com"])
        #expect(inspect(&inspector, Fixture.sendgrid, body, isSigned: true) == .reject)
        #expect(inspector.recipients.map(\.fate) == [.dropped, .blocked])
        #expect(inspect(&inspector, Fixture.sendgrid, body) == .strip)
    }

    /// Each escaped key used to be looked for among all of them: 90 KB kept a loop busy for minutes.
    @Test func escapedKeysCostNoMoreThanTheirLength() {
        var inspector = Fixture.inspector()
        let escape = "\\u0061"
        let keys = (0..<6000).map { "\"\(escape)\($0)\":1" }.joined(separator: ",")
        let body = Array((#"{"personalizations":[{"to":[{"email":"ann@example.com"}]}],"from":{"email":"n@shop.example"},"# + keys + "}").utf8)
        var verdict = Verdict.reject
        let taken = ContinuousClock().measure { verdict = inspect(&inspector, Fixture.sendgrid, body) }
        #expect(verdict == .allow)
        #expect(taken < .seconds(30))
    }

    /// Quotes around a local part hide an address from a search that cuts at quotes.
    @Test(arguments: [#""gone"@example.com"#, #"Ann <"gone"@example.com>"#, #""g\one"@example.com, x"#])
    func aQuotedLocalPartInAnUnknownPlaceIsFound(text: String) {
        var inspector = Fixture.inspector()
        let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let body = Array(
            #"{"personalizations":[{"to":[{"email":"ann@example.com"}]}],"mail_settings":{"bcc":{"email":"\#(quoted)"}}}"#.utf8)
        #expect(inspect(&inspector, Fixture.sendgrid, body) == .refuse(.suppressedElsewhere))
    }

    @Test func anEscapedKeyIsTheMemberItNames() {
        var inspector = Fixture.inspector()
        let body = Array(#"{"person\u0061lizations":[{"t\u006f":[{"em\u0061il":"gone@example.com"}]}],"from":{"email":"n@shop.example"}}"#.utf8)
        #expect(inspect(&inspector, Fixture.sendgrid, body) == .reject)
    }

    @Test func recipientLimitIsAtItsNumber() {
        var inspector = Fixture.inspector()
        let thousand = (0..<1000).map { "u\($0)@example.com" }
        #expect(inspect(&inspector, Fixture.sendgrid, mail(thousand)) == .allow)
        #expect(inspector.recipients.count == 1000)
        #expect(inspect(&inspector, Fixture.sendgrid, mail(thousand + ["one@example.com"])) == .refuse(.recipientsTooMany))
    }

    @Test func bodyLimitIsAtItsNumber() {
        var inspector = Fixture.inspector()
        let limit = Fixture.twilio.bodyLimit
        let head = Array("To=%2B14155550111&".utf8)
        // Several fields, because one value has a limit of its own.
        var body = head
        while body.count < limit {
            let room = min(limit - body.count, 200_000)
            body += Array("Body".utf8.prefix(room)) + (room > 4 ? [UInt8(ascii: "=")] : []) + Array(repeating: UInt8(ascii: "x"), count: max(0, room - 6)) + (room > 5 ? [UInt8(ascii: "&")] : [])
        }
        body = Array(body.prefix(limit))
        #expect(inspect(&inspector, Fixture.twilio, body) == .allow)
        #expect(inspect(&inspector, Fixture.twilio, body + [UInt8(ascii: "x")]) == .refuse(.bodyTooLarge))
    }

    @Test func aLargeAttachmentIsRead() {
        var inspector = Fixture.inspector()
        let text = String(repeating: "QUJD", count: (5 << 20) / 4)
        let body = Array(#"{"personalizations":[{"to":[{"email":"gone@example.com"},{"email":"ann@example.com"}]}],"attachments":[{"content":"\#(text)"}]}"#.utf8)
        #expect(inspect(&inspector, Fixture.sendgrid, body) == .strip)
        var out = GrowableBytes()
        inspector.appendRewritten(body.span, into: &out)
        #expect(out.count == body.count - #"{"email":"gone@example.com"},"#.utf8.count)
    }

    @Test func monitoredChannelsAreReportedAndLetThrough() throws {
        let adapter = try Adapter(Self.spec(), options: .init(monitored: ChannelSet(.email)))
        let endpoint = try #require(adapter.endpoints.first)
        var inspector = Fixture.inspector()
        let body = Array(#"{"to":[{"email":"gone@example.com"},{"email":"ann@example.com"}],"x":"left@example.org"}"#.utf8)
        #expect(inspect(&inspector, endpoint, body) == .allow)
        #expect(inspector.recipients.map(\.fate) == [.wouldBlock, .allowed])
        #expect(inspector.unmonitoredVerdict == .strip)
        let all = Array(#"{"to":[{"email":"gone@example.com"}]}"#.utf8)
        #expect(inspect(&inspector, endpoint, all) == .allow)
        #expect(inspector.unmonitoredVerdict == .reject)
    }

    @Test func forbiddenOverrideIsRefused() throws {
        var spec = Self.spec()
        spec.endpoints[0].overrides = [OverrideSpec(at: "settings.bypass.enable", policy: .reject)]
        let endpoint = try #require(try Adapter(spec).endpoints.first)
        var inspector = Fixture.inspector()
        for (value, isRefused) in [("true", true), ("false", false), ("null", false), (#""true""#, true), ("1", true)] {
            let body = Array(#"{"to":[{"email":"ann@example.com"}],"settings":{"bypass":{"enable":\#(value)}}}"#.utf8)
            #expect(inspect(&inspector, endpoint, body) == (isRefused ? .refuse(.overrideForbidden) : .allow), "\(value)")
        }
        let alias = Array(#"{"to":[{"email":"ann@example.com"}],"settings":{"Bypass":{"enable":true}}}"#.utf8)
        #expect(inspect(&inspector, endpoint, alias) == .refuse(.nameMisspelt))
    }

    @Test func aGroupIsRejectedWhole() throws {
        var spec = Self.spec()
        spec.endpoints[0].mode = .group
        spec.endpoints[0].strip = []
        let endpoint = try #require(try Adapter(spec).endpoints.first)
        var inspector = Fixture.inspector()
        let body = Array(#"{"to":[{"email":"gone@example.com"},{"email":"ann@example.com"}]}"#.utf8)
        #expect(inspect(&inspector, endpoint, body) == .reject)
        #expect(inspector.recipients.map(\.fate) == [.blocked, .dropped])
    }

    @Test func nestedListsOfPlainStringsAreStripped() throws {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: "{}")
        var spec = AdapterSpec(
            provider: "nested", file: "nested.yaml", hosts: ["n.example"], prefix: "/nested",
            origin: OriginSpec(host: "n.example"), errors: ErrorsSpec(suppressed: error, refused: error))
        var endpoint = EndpointSpec(
            id: "send", method: "POST", path: "/send", format: .json, bodyLimit: 1 << 20, channels: [.sms], mode: .fanout,
            recipients: [RecipientSpec(at: "messages[*].to[*]", kind: .phone, required: true)])
        endpoint.strip = [
            StripSpec(remove: "messages[*].to[*]", whenEmpty: .remove("messages[*]")),
            StripSpec(remove: "messages[*]", whenEmpty: .reject),
        ]
        spec.endpoints = [endpoint]
        let compiled = try #require(try Adapter(spec).endpoints.first)
        var inspector = Fixture.inspector()
        let body = Array(#"{"messages":[{"to":["+14155550100"],"t":"a"},{"to":["+14155550111",14155550100,"+14155550100"],"t":"b"}]}"#.utf8)
        #expect(inspect(&inspector, compiled, body) == .strip)
        var out = GrowableBytes()
        inspector.appendRewritten(body.span, into: &out)
        #expect(String(decoding: out.array, as: UTF8.self) == #"{"messages":[{"to":["+14155550111"],"t":"b"}]}"#)
    }

    @Test func everyTruncationAndFlipIsJudgedWithoutATrap() {
        var inspector = Fixture.inspector()
        let mailBody = mail(["gone@example.com", "ann@example.com"])
        let formBody = Array("To=%2B1%20%28415%29%20555-0100&From=x&%4Dore=a%40b.example&Body=%C3%A9".utf8)
        for (endpoint, body) in [(Fixture.sendgrid, mailBody), (Fixture.twilio, formBody)] {
            for cut in body.indices {
                _ = inspect(&inspector, endpoint, Array(body[..<cut]))
                for flip: UInt8 in [0x00, 0x22, 0x25, 0x2c, 0x5b, 0x7b, 0xff] {
                    var other = body
                    other[cut] = flip
                    let verdict = inspect(&inspector, endpoint, other)
                    // Whatever is forwarded names nobody suppressed.
                    if verdict == .allow { #expect(inspector.recipients.allSatisfy { $0.suppressedOn.isEmpty }) }
                }
            }
        }
    }

    /// Only of optimised code: a debug build boxes what the optimiser keeps on the stack.
    @Test(.enabled(if: allocation_counting_is_on() && !Self.isDebug)) func aWarmInspectorAllocatesNothing() {
        var inspector = Fixture.inspector()
        let twilio = Fixture.twilio, sendgrid = Fixture.sendgrid
        let text = Array("To=%2B14155550111&From=%2B14155550000&Body=Hello+there%2C+order+88&Reference=order-88".utf8)
        let body = mail((0..<20).map { "u\($0)@example.com" })
        let none: [UInt8] = []
        let suppressions = Suppressions([])
        let form = Self.form, json = Self.json
        var allowed = 0
        func round() {
            let first = inspector.inspect(
                twilio, contentType: form.span, query: none.span, body: text.span, isSigned: false, suppressions: suppressions)
            let second = inspector.inspect(
                sendgrid, contentType: json.span, query: none.span, body: body.span, isSigned: false, suppressions: suppressions)
            if first == .allow, second == .allow { allowed += 1 }
        }
        for _ in 0..<20 { round() }
        let before = allocation_count()
        for _ in 0..<1000 { round() }
        #expect(allocation_count() - before == 0)
        #expect(allowed == 1020)
    }

    /// A list of addresses that may shrink.
    private static func spec() -> AdapterSpec {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: "{}")
        var spec = AdapterSpec(
            provider: "plain", file: "plain.yaml", hosts: ["p.example"], prefix: "/plain", origin: OriginSpec(host: "p.example"),
            errors: ErrorsSpec(suppressed: error, refused: error))
        var endpoint = EndpointSpec(
            id: "send", method: "POST", path: "/send", format: .json, bodyLimit: 1 << 20, channels: [.email], mode: .fanout,
            recipients: [RecipientSpec(at: "to[*].email", kind: .email, required: true)])
        endpoint.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)]
        spec.endpoints = [endpoint]
        return spec
    }
}
