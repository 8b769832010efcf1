import Adapters
import Bytes
import Recipients
import Testing

/// Calls that share method and path, calls that undo opt-outs, and reads that send.
@Suite struct RouteMatchTests {
    private static func spec() -> AdapterSpec {
        var spec = AdapterFixture.spec()
        let field = { (value: String) in MatchSpec(source: .field("Action"), value: value) }
        let header = { (value: String) in MatchSpec(source: .header("x-target"), value: value) }
        func form(_ id: String, _ method: String, _ path: String, _ match: MatchSpec?, limit: Int = 1 << 20) -> EndpointSpec {
            var spec = EndpointSpec(
                id: id, method: method, path: path, format: .form, bodyLimit: limit, channels: [.sms], mode: .single,
                recipients: [RecipientSpec(at: "To", kind: .phone, required: true)])
            spec.match = match
            return spec
        }
        spec.endpoints += [
            form("publish", "POST", "/", field("Publish")), form("send", "POST", "/", field("Send"), limit: 8 << 20),
            form("text", "POST", "/json", header("V2.SendText")), form("voice", "POST", "/json", header("V2.SendVoice")),
            form("first", "POST", "/both", field("First")), form("rest", "POST", "/both", nil), form("get", "GET", "/get", nil),
        ]
        spec.pass += [
            PassSpec(method: "POST", path: "/", match: field("List")), PassSpec(method: "POST", path: "/json", match: header("V2.Describe")),
            PassSpec(method: "POST", path: "/json"), PassSpec(method: "GET", path: "/", match: field("List")),
            PassSpec(method: "POST", path: "/other", match: field("List")),
        ]
        spec.undo = UndoSpec(policy: .reject, calls: [
            PassSpec(method: "DELETE", path: "/suppressions/{email}"), PassSpec(method: "POST", path: "/", match: field("OptIn")),
            PassSpec(method: "GET", path: "/optin"),
        ])
        return spec
    }

    private func route(_ method: String, _ path: String, _ facts: [String: String]? = nil, policy: OpaquePolicy = .reject) throws -> String {
        var spec = Self.spec()
        spec.undo.policy = policy
        let adapter = try Adapter(spec)
        let parts = path.split(separator: "?", maxSplits: 1).map { Array($0.utf8) }
        let method = Array(method.utf8), bare = parts[0], query = parts.count > 1 ? parts[1] : []
        let route = adapter.decide(method: method.span, path: bare.span, query: query.span) { match in
            guard let facts else { return match.source == .field ? .unknown : .differs }
            guard let value = facts[String(decoding: match.name, as: UTF8.self)] else { return .differs }
            return match.answer(Array(value.utf8).span)
        }
        switch route {
        case .send(_, let endpoint): return "send \(endpoint.id)"
        case .pass(_, let takesBody): return takesBody ? "pass" : "pass without body"
        case .ask(_, let limit): return "ask \(limit)"
        case .refuse(let refusal, _): return "\(refusal.label)"
        }
    }

    /// The Query API of Amazon takes GET as it takes POST.
    @Test(arguments: [
        "Action=Publish", "To=1&action=%50ublish+", "Action[]=Send", "Action=Other;Action=publish%0A", "Action=Publish&Action=List",
        "%41ction=Publish",
    ]) func aReadThatAsksForASendIsNone(query: String) throws {
        #expect(try route("GET", "/?\(query)") == "method-not-allowed")
        #expect(try route("HEAD", "/?\(query)") == "method-not-allowed")
        #expect(try route("GET", "/x?\(query)") == "pass without body")
    }

    @Test func otherReadsPass() throws {
        for query in ["Action=Other", "Action=Publishing", "MyAction=Publish", "Action=Pub lish", "Publish=Action", "Action"] {
            #expect(try route("GET", "/?\(query)") == "pass without body")
        }
        #expect(try route("GET", "/?Action=OptIn") == "undo-forbidden")
        #expect(try route("HEAD", "/?action=optin") == "undo-forbidden")
        #expect(try route("GET", "/?Action=OptIn", policy: .allow) == "pass without body")
    }

    @Test func aFieldTellsCallsApart() throws {
        #expect(try route("POST", "/") == "ask \(8 << 20)")
        #expect(try route("POST", "/", ["Action": "Publish"]) == "send publish")
        #expect(try route("POST", "/", ["Action": "Send"]) == "send send")
        #expect(try route("POST", "/", ["Action": "List"]) == "pass")
        #expect(try route("POST", "/", ["Action": "Other"]) == "unmatched-request")
        #expect(try route("POST", "/", [:]) == "unmatched-request")
        for value in ["publish", " Publish", "PUBLISH", "SEND ", "optin"] {
            #expect(try route("POST", "/", ["Action": value]) == "name-misspelt", "\(value)")
        }
        #expect(try route("PUT", "/", ["Action": "List"]) == "method-not-allowed")
        #expect(try route("POST", "/other") == "ask \(1 << 20)")
        #expect(try route("POST", "/other", ["Action": "List"]) == "pass")
        #expect(try route("POST", "/?_method=PUT", ["Action": "List"]) == "method-override")
    }

    @Test func aHeaderTellsCallsApart() throws {
        #expect(try route("POST", "/json", ["x-target": "V2.SendText"]) == "send text")
        #expect(try route("POST", "/JSON/", ["x-target": "V2.SendVoice"]) == "send voice")
        #expect(try route("POST", "/json", ["x-target": "V2.Describe"]) == "pass")
        #expect(try route("POST", "/json", ["x-target": "v2.sendtext"]) == "name-misspelt")
        // A rule without a match takes nothing that a match did not tell from a send.
        #expect(try route("POST", "/json", ["x-target": "V2.Other"]) == "unmatched-request")
        #expect(try route("POST", "/json", [:]) == "unmatched-request")
    }

    @Test func theLastEndpointTakesTheRest() throws {
        #expect(try route("POST", "/both", ["Action": "First"]) == "send first")
        #expect(try route("POST", "/both", ["Action": "Other"]) == "send rest")
        #expect(try route("POST", "/both", [:]) == "send rest")
        #expect(try route("POST", "/both", ["Action": "first"]) == "name-misspelt")
    }

    @Test func undoingIsLookedAtFirst() throws {
        for path in ["/suppressions/a%40b", "/Suppressions/x/", "/suppressions/x.json"] {
            #expect(try route("DELETE", path) == "undo-forbidden", "\(path)")
            #expect(try route("DELETE", path, policy: .allow) == "pass", "\(path)")
        }
        #expect(try route("DELETE", "/suppressions") == "pass")
        #expect(try route("POST", "/", ["Action": "OptIn"]) == "undo-forbidden")
        #expect(try route("POST", "/", ["Action": "OptIn"], policy: .allow) == "pass")
        #expect(try route("GET", "/optin") == "undo-forbidden")
        #expect(try route("GET", "/optin", policy: .allow) == "pass without body")
        #expect(try route("HEAD", "/optin") == "undo-forbidden")
    }

    @Test func aReadThatSendsIsASend() throws {
        #expect(try route("GET", "/get") == "send get")
        #expect(try route("GET", "/GET/") == "send get")
        #expect(try route("HEAD", "/get") == "method-not-allowed")
        #expect(try route("POST", "/get") == "method-not-allowed")
        #expect(try route("GET", "/json") == "pass without body")
        // Other calls of a path whose GET sends are reads all the same.
        #expect(try route("GET", "/") == "pass without body")
    }
}
