import Adapters
import Testing

@Suite struct RouteTableTests {
    private let table: RouteTable

    init() throws { table = try RouteTable([try Adapter(AdapterFixture.spec())]) }

    private func route(_ method: String, _ target: String, host: String = "api.acme.example") -> String {
        AdapterFixture.route(table, method, target, host: host).0
    }

    @Test(arguments: [
        "/v1/Accounts/AC1/Messages.json", "/v1/Accounts/AC1/Messages", "/v1/Accounts/AC1/Messages/", "/v1/accounts/AC1/MESSAGES.JSON",
        "/v1/Accounts/AC1/Messages.xml", "/v1/Accounts/AC1/%4d%65ssages%2Ejson/", "/v1/Accounts/AC1/Messages.json?a=b",
        "/V1/Accounts/a%40b/Messages",
    ]) func everySpellingIsTheSend(target: String) {
        #expect(route("POST", target) == "send sms")
        #expect(route("PUT", target) == "refuse method-not-allowed")
        #expect(route("DELETE", target) == "refuse method-not-allowed")
        #expect(route("GET", target) == "pass without body")
    }

    @Test(arguments: ["/v3/mail:send", "/v3/mail%3Asend", "/v3/mail%3asend/", "/v3/Mail:Send.json"])
    func escapedReservedCharactersStillMatch(target: String) {
        #expect(route("POST", target) == "send mail")
    }

    @Test(arguments: [
        "", "v1", "*", "//v1/Accounts/AC1/Messages.json", "/v1//Accounts/AC1/Messages.json", "/v1/./Messages", "/v1/../Messages",
        "/v1/%2e%2E/Messages", "/v1/%2e/x", "/v1/a%2Fb", "/v1/a%5cb", "/v1/a\\b", "/v1/a;b=c", "/v1/a%3Bb", "/v1/a%00", "/v1/a%25%32%46",
        "/v1/a%", "/v1/a%4", "/v1/a%zz", "/v1/a b", "/v1/a#b", "/v1/a%23b", "/v1/\u{e9}", "/v1/%C3%A9", "/v1/a%0d%0a", "/v1/x?a=b#c",
        "/v1/x?a=\u{e9}", "/v1/x?a b", "/v1/Accounts/AC1/Messages.json//",
    ]) func ambiguousTargetsAreRefused(target: String) {
        #expect(route("POST", target) == "refuse bad-target")
        #expect(route("GET", target) == "refuse bad-target")
    }

    private static func choosing() throws -> RouteTable {
        var spec = AdapterFixture.spec()
        spec.endpoints[1].path = "/api/{version}/messages/{send|send-template}.json"
        spec.pass = [PassSpec(method: "POST", path: "/api/{version}/rejects/{list|add}.json")]
        return try RouteTable([try Adapter(spec)])
    }

    @Test(arguments: [
        ("/api/1.0/messages/send.json", "send mail"), ("/api/1.0/messages/send-template.json", "send mail"),
        ("/api/1.0/messages/Send-Template.xml", "send mail"), ("/api/1.0/messages/send", "send mail"),
        ("/api/1.0/messages/%73end%2Ejson/", "send mail"), ("/api/1.0/messages/send-raw.json", "refuse unmatched-request"),
        ("/api/1.0/messages/sen.json", "refuse unmatched-request"), ("/api/1.0/messages/send.j|n", "refuse unmatched-request"),
        ("/api/1.0/messages/send|send-template.json", "refuse unmatched-request"), ("/api/1.0/rejects/list.json", "pass"),
        ("/api/1.0/rejects/ADD.json", "pass"), ("/api/1.0/rejects/list", "refuse unmatched-request"),
        ("/api/1.0/rejects/delete.json", "refuse unmatched-request"), ("/api/1.0/rejects/.json", "refuse unmatched-request"),
    ]) func aSegmentMayBeOneOfSeveralWords(target: String, verdict: String) throws {
        #expect(AdapterFixture.route(try Self.choosing(), "POST", target).0 == verdict)
    }

    @Test(arguments: ["/a/{b|}", "/a/{|b}", "/a/{b|c d}", "/a/{b|{c}", "/a/{b|*}"]) func aChoiceIsOfWords(path: String) {
        var spec = AdapterFixture.spec()
        spec.pass = [PassSpec(method: "POST", path: path)]
        #expect(throws: AdapterProblem.self) { try Adapter(spec) }
    }

    @Test func normalisesOnceAndForwardsThat() {
        let (_, out) = AdapterFixture.route(table, "POST", "/v1/Accounts/%41C1/Messages%2ejson?To=%2B1")
        #expect(String(decoding: out.bytes, as: UTF8.self) == "/v1/Accounts/AC1/Messages.json?To=%2B1")
        #expect(String(decoding: out.bytes[out.query], as: UTF8.self) == "To=%2B1")
        let (_, plain) = AdapterFixture.route(table, "GET", "/v1")
        #expect(plain.query.isEmpty)
        let (_, empty) = AdapterFixture.route(table, "GET", "/v1?")
        #expect(empty.query.isEmpty && empty.bytes == Array("/v1?".utf8))
    }

    @Test(arguments: [
        ("api.acme.example", true), ("API.Acme.Example", true), ("api.acme.example:8443", true), ("api.acme.example.", true),
        ("eu-1.acme.example", true), ("a.b.acme.example", false), ("acme.example", false), (".acme.example", false),
        ("evil.acme.example.evil", false), ("e_u.acme.example", false), ("", false), ("[::1]:8443", false), ("api.acme.exampl", false),
    ]) func hostsMatchWholly(host: String, isKnown: Bool) {
        #expect(route("GET", "/v1/x", host: host) == (isKnown ? "pass without body" : "refuse unknown-host"))
    }

    @Test func aPrefixIsTakenAwayAndTheOriginNamed() {
        let (verdict, out) = AdapterFixture.route(table, "POST", "/acme/v1/Accounts/AC1/Messages.json?x=1", host: "gate.internal:8443")
        #expect(verdict == "send sms")
        #expect(String(decoding: out.bytes, as: UTF8.self) == "/v1/Accounts/AC1/Messages.json?x=1")
        #expect(String(decoding: out.authority, as: UTF8.self) == "api.acme.example")
        #expect(route("POST", "/acme", host: "gate") == "refuse unmatched-request")
        #expect(route("POST", "/acmes/v3/mail:send", host: "gate") == "refuse unknown-host")
        #expect(route("POST", "/ACME/v3/mail:send", host: "gate") == "refuse unknown-host")
        // On the provider's own host the prefix is an ordinary path.
        #expect(route("POST", "/acme/v3/mail:send") == "refuse unmatched-request")
    }

    @Test func aHostNameBehindThePrefixNamesTheHost() throws {
        let (verdict, out) = AdapterFixture.route(table, "POST", "/acme/eu-1.acme.example/v3/mail:send?x=1", host: "gate.internal:8443")
        #expect(verdict == "send mail")
        #expect(String(decoding: out.bytes, as: UTF8.self) == "/v3/mail:send?x=1")
        #expect(String(decoding: out.authority, as: UTF8.self) == "eu-1.acme.example")
        #expect(route("POST", "/acme/eu-1.acme.example", host: "gate") == "refuse unmatched-request")
        // Somebody else's host is a path, and one that nothing names.
        #expect(route("POST", "/acme/evil.example/v3/mail:send", host: "gate") == "refuse unmatched-request")
        #expect(route("POST", "/acme/eu-1.acme.example/api.acme.example/v3/mail:send", host: "gate") == "refuse unmatched-request")
        let (_, read) = AdapterFixture.route(table, "GET", "/acme/evil.example/x", host: "gate")
        #expect(String(decoding: read.authority, as: UTF8.self) == "api.acme.example")
        let options = Adapter.Options(origin: OriginSpec(host: "mock.local", port: 9443))
        let other = try RouteTable([try Adapter(AdapterFixture.spec(), options: options)])
        let (_, overridden) = AdapterFixture.route(other, "POST", "/acme/eu-1.acme.example/v3/mail:send", host: "gate")
        #expect(String(decoding: overridden.authority, as: UTF8.self) == "mock.local")
        #expect(String(decoding: overridden.bytes, as: UTF8.self) == "/v3/mail:send")
    }

    @Test func theHostThatWasAskedForIsNamedUpstream() throws {
        let (_, out) = AdapterFixture.route(table, "GET", "/v1", host: "EU-1.acme.example:443")
        #expect(String(decoding: out.authority, as: UTF8.self) == "eu-1.acme.example")
        let options = Adapter.Options(origin: OriginSpec(host: "mock.local", port: 9443))
        let other = try RouteTable([try Adapter(AdapterFixture.spec(), options: options)])
        let (_, overridden) = AdapterFixture.route(other, "GET", "/v1", host: "eu-1.acme.example")
        #expect(String(decoding: overridden.authority, as: UTF8.self) == "mock.local")
    }

    @Test func onlyNamedWritesPass() throws {
        #expect(route("POST", "/v1/Accounts/AC1/Messages/SM1.json") == "pass")
        #expect(route("POST", "/v1/Accounts/AC1/Messages/.json") == "refuse unmatched-request")
        for object in ["%20.json", "+.json", "%2B.json", "~.json", "-.json"] {
            #expect(route("POST", "/v1/Accounts/AC1/Messages/\(object)") == "refuse unmatched-request", "\(object)")
        }
        #expect(route("POST", "/v1/Accounts/%20/Messages.json") == "send sms")
        #expect(route("POST", "/v1/Accounts/AC1/Messages/SM1") == "refuse unmatched-request")
        #expect(route("DELETE", "/v1/anything/at/all") == "pass")
        #expect(route("DELETE", "/") == "refuse unmatched-request")
        #expect(route("POST", "/v1/Accounts/AC1/Calls.json") == "refuse unmatched-request")
        #expect(route("get", "/v1") == "refuse unmatched-request")
        var spec = AdapterFixture.spec()
        spec.unmatched = .forward
        let open = try RouteTable([try Adapter(spec)])
        #expect(AdapterFixture.route(open, "POST", "/v1/Accounts/AC1/Calls.json").0 == "pass")
        #expect(AdapterFixture.route(open, "POST", "/v1/Accounts/AC1/messages").0 == "send sms")
    }

    @Test func emptySegmentsAreLeftOutWhereTheProviderDoes() throws {
        var spec = AdapterFixture.spec()
        let strict = try RouteTable([try Adapter(spec)])
        spec.emptySegments = .collapse
        let lax = try RouteTable([try Adapter(spec)])
        for path in ["/v3//mail:send", "//v3/mail:send", "/v3/mail:send//", "/acme//v3/mail:send", "//acme/v3///mail:send?a=//"] {
            let host = path.contains("acme") ? "gate" : "api.acme.example"
            #expect(AdapterFixture.route(strict, "POST", path, host: host).0 == "refuse bad-target")
            let (route, target) = AdapterFixture.route(lax, "POST", path, host: host)
            #expect(route == "send mail", "\(path)")
            // What goes on is what was looked at.
            #expect(String(decoding: target.bytes[..<target.pathCount], as: UTF8.self).contains("//") == false)
        }
        for path in ["/v3/./mail:send", "/v3//../mail:send", "/v3/%2Fmail:send", "/v3/;/mail:send"] {
            #expect(AdapterFixture.route(lax, "POST", path).0 == "refuse bad-target", "\(path)")
        }
        #expect(AdapterFixture.route(lax, "POST", "//nobody/x", host: "gate").0 == "refuse bad-target")
        spec.endpoints[1].signature = .sigv4(service: "ses")
        #expect(throws: AdapterProblem.self) { try Adapter(spec) }
    }

    @Test func aSlashAtTheEndIsPartOfADocumentedPath() throws {
        var spec = AdapterFixture.spec()
        spec.pass = [PassSpec(method: "POST", path: "/v1/Sessions/{id}/")]
        spec.endpoints[0].path = "/v1/Accounts/{id}/Message/"
        let table = try RouteTable([try Adapter(spec)])
        #expect(AdapterFixture.route(table, "POST", "/v1/Sessions/7/").0 == "pass")
        #expect(AdapterFixture.route(table, "POST", "/v1/Sessions/7").0 == "refuse unmatched-request")
        #expect(AdapterFixture.route(table, "POST", "/v1/Sessions//").0 == "refuse bad-target")
        #expect(AdapterFixture.route(table, "POST", "/v1/Accounts/7/Message/").0 == "send sms")
        #expect(AdapterFixture.route(table, "POST", "/v1/Accounts/7/message").0 == "send sms")
    }

    @Test(arguments: ["_method=GET", "a=b&_method=DELETE", "_METHOD=GET", "%5Fmethod=GET", "_method"])
    func methodOverridesInTheQueryAreRefused(query: String) {
        #expect(route("POST", "/v3/mail:send?\(query)") == "refuse method-override")
        #expect(route("GET", "/v3/mail:send?\(query)") == "refuse method-override")
        #expect(route("POST", "/v1/Accounts/AC1/Messages/SM1.json?\(query)") == "refuse method-override")
    }

    @Test func likeNamesAreNoOverride() {
        #expect(route("POST", "/v3/mail:send?_methods=1&method=2&x=_method") == "send mail")
    }

    @Test func twoProvidersCannotShareAHostOrAPrefix() throws {
        let first = try Adapter(AdapterFixture.spec())
        var spec = AdapterFixture.spec()
        spec.provider = "other"
        spec.prefix = "/other"
        let sameHost = try Adapter(spec)
        #expect(throws: AdapterProblem.self) { try RouteTable([first, sameHost]) }
        spec.hosts = ["api.other.example"]
        spec.prefix = "/acme"
        let samePrefix = try Adapter(spec)
        #expect(throws: AdapterProblem.self) { try RouteTable([first, samePrefix]) }
    }

    /// Fifty providers: the table grows, and every host still finds its own.
    @Test func manyProviders() throws {
        var adapters: [Adapter] = []
        for number in 0..<50 {
            var spec = AdapterFixture.spec()
            (spec.provider, spec.prefix, spec.hosts) = ("p\(number)", "/p\(number)", ["api\(number).example", "mail\(number).example"])
            adapters.append(try Adapter(spec))
        }
        let table = try RouteTable(adapters)
        for number in 0..<50 {
            var out = RequestTarget()
            for host in ["api\(number).example", "mail\(number).example"] {
                let route = table.route(method: Array("POST".utf8).span, host: Array(host.utf8).span, target: Array("/v3/mail:send".utf8).span, into: &out)
                guard case .send(let adapter, _) = route else {
                    Issue.record("\(host) is not routed")
                    continue
                }
                #expect(adapter.provider == "p\(number)")
            }
        }
    }
}
