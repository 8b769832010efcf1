import Adapters
import Bytes
import Gate
import Recipients
import Testing

/// Calls that are no sends and whose bodies say what they are: in doubt they undo an opt-out.
@Suite struct BodyMatchTests {
    private typealias Condition = BodyMatchSpec.Condition

    /// What becomes of a request to `/contact`, which passes unless its body undoes an opt-out.
    private func route(
        _ body: String, _ conditions: [BodyMatchSpec.Condition], type: String? = "application/json", query: String = "",
        formats: [EndpointSpec.Format] = [.json], limit: Int = 1 << 20, policy: OpaquePolicy = .reject
    ) throws -> String {
        var spec = AdapterSpec(
            provider: "acme", file: "acme.yaml", hosts: ["api.acme.example"], prefix: "/acme", origin: OriginSpec(host: "api.acme.example"),
            errors: ErrorsSpec(
                suppressed: ErrorSpec(status: 400, contentType: "text/plain", body: "no"),
                refused: ErrorSpec(status: 400, contentType: "text/plain", body: "no")))
        let match = BodyMatchSpec(formats: formats, bodyLimit: limit, conditions: conditions)
        spec.undo = UndoSpec(policy: policy, calls: [PassSpec(method: "PUT", path: "/contact", match: MatchSpec(source: .body(match), value: ""))])
        spec.pass = [PassSpec(method: "PUT", path: "/contact")]
        let adapter = try Adapter(spec)
        let method = Array("PUT".utf8), path = Array("/contact".utf8), query = Array(query.utf8), body = Array(body.utf8)
        let type = type.map { Array($0.utf8) }
        let typeBytes = type ?? []
        guard case .ask(_, max(limit, 1 << 20)) = adapter.decide(method: method.span, path: path.span, query: query.span, answer: { _ in .unknown })
        else { return "not asked" }
        var inspector = Inspector(normaliser: Normaliser(rules: .standard, secret: Fixture.secret))
        inspector.beginChoice()
        let route = adapter.decide(method: method.span, path: path.span, query: query.span) {
            inspector.answer(
                $0, contentType: type == nil ? nil : typeBytes.span, query: query.span, body: body.span, limits: adapter.formLimits)
        }
        return switch route {
        case .pass: "pass"
        case .refuse(let refusal, _): "\(refusal.label) \(String(decoding: inspector.detail.bytes, as: UTF8.self))"
        case .send, .ask: "neither"
        }
    }

    private static let off = Condition(at: "off", test: .noneOf(["true"]))
    private static let state = Condition(at: "people[*].state", test: .anyOf(["subscribed", "opted_in"]))
    private static let topics = Condition(at: "prefs.topics.{*}", test: .noneOf(["false"]))

    @Test(arguments: [
        #"{"off":true}"#, #"{"off":"TRUE"}"#, #"{"name":"x"}"#, "{}", "", #"{"nested":{"off":false}}"#, #"{"off":" true "}"#,
        #"{"Off":true}"#, #"{"office":false}"#, #"{"off.x":false}"#,
    ]) func passes(body: String) throws {
        #expect(try route(body, [Self.off]) == "pass")
    }

    @Test(arguments: [
        #"{"off":false}"#, #"{"off":"false"}"#, #"{"off":0}"#, #"{"off":null}"#, #"{"off":""}"#, #"{"off":[true]}"#, #"{"off":{"x":true}}"#,
        #"{"OFF":false}"#, #"{"\u006fff":false}"#, #"{" off":false}"#, #"{"ｏff":false}"#, #"{"off":true,"Off":false}"#, #"[{"off":true}]"#,
        #""off""#, "0",
    ]) func undoes(body: String) throws {
        // Which of two spellings counts is the scanner's to refuse.
        let found = try route(body, [Self.off])
        #expect(found.hasPrefix("undo-forbidden") || found.hasPrefix("name-repeated"), "\(found)")
        #expect(try route(body, [Self.off], policy: .allow) == "pass" || found.hasPrefix("name-repeated"))
    }

    @Test func namesThePlace() throws {
        #expect(try route(#"{"people":[{"state":"unsubscribed"},{"state":"Opted_In"}]}"#, [Self.off, Self.state]) == "undo-forbidden people[*].state")
    }

    @Test func walksListsAndMaps() throws {
        #expect(try route(#"{"people":[{"state":"unsubscribed"},{"state":null},{}]}"#, [Self.state]) == "pass")
        #expect(try route(#"{"people":null}"#, [Self.state]) == "pass")
        #expect(try route(#"{"people":{"state":"unsubscribed"}}"#, [Self.state]) == "undo-forbidden people[*].state")
        #expect(try route(#"{"people":["subscribed"]}"#, [Self.state]) == "undo-forbidden people[*].state")
        #expect(try route(#"{"prefs":{"topics":{"a":false,"b":false}}}"#, [Self.topics]) == "pass")
        #expect(try route(#"{"prefs":{"topics":{"a":false,"b":true}}}"#, [Self.topics]) == "undo-forbidden prefs.topics.{*}")
        #expect(try route(#"{"prefs":"{\"topics\":{\"a\":true}}"}"#, [Self.topics]) == "undo-forbidden prefs.topics.{*}")
    }

    @Test func readsPathsInKeys() throws {
        #expect(try route(#"{"prefs.topics.a":true}"#, [Self.topics]) == "undo-forbidden prefs.topics.{*}")
        #expect(try route(#"{"prefs.topics.a":false}"#, [Self.topics]) == "pass")
        #expect(try route(#"{"Prefs[topics]":{"a":true}}"#, [Self.topics]) == "undo-forbidden prefs.topics.{*}")
        #expect(try route(#"{"prefs":{"topics.a":true}}"#, [Self.topics]) == "undo-forbidden prefs.topics.{*}")
        #expect(try route(#"{"prefs.other":true}"#, [Self.topics]) == "pass")
    }

    @Test func aPlaceMayHaveSeveralForms() throws {
        let both = ["[*].state", "people[*].state"].map { Condition(at: $0, test: .noneOf(["out"])) }
        #expect(try route(#"[{"state":"out"}]"#, both) == "pass")
        #expect(try route(#"{"people":[{"state":"out"}]}"#, both) == "pass")
        #expect(try route(#"[{"state":"in"}]"#, both) == "undo-forbidden [*].state")
        #expect(try route(#"{"people":[{"state":"in"}]}"#, both) == "undo-forbidden people[*].state")
        #expect(try route(#""text""#, both) == "undo-forbidden [*].state")
    }

    @Test func presenceIsEnough() throws {
        let there = [Condition(at: "lists", test: .present)]
        #expect(try route(#"{"lists":[]}"#, there) == "undo-forbidden lists")
        #expect(try route(#"{"lists":null}"#, there) == "pass")
    }

    @Test func badInputIsRefused() throws {
        #expect(try route(#"{"off":true,"off":true}"#, [Self.off]).hasPrefix("name-repeated"))
        #expect(try route(#"{"off":true"#, [Self.off]).hasPrefix("body-malformed"))
        #expect(try route(#"{"off":true}"#, [Self.off], type: nil).hasPrefix("content-type-missing"))
        #expect(try route(#"{"off":true}"#, [Self.off], type: "text/plain").hasPrefix("content-type-unexpected"))
        #expect(try route(#"{"off":true}"#, [Self.off], type: "application/json; charset=utf-16").hasPrefix("charset-unexpected"))
        #expect(try route(#"{"off":true,"x":"\#(String(repeating: "y", count: 90))"}"#, [Self.off], limit: 64).hasPrefix("body-too-large"))
        #expect(try route(#"{"x":1}"#, [Self.off], query: "a=%").hasPrefix("body-malformed"))
    }

    @Test func theQueryCounts() throws {
        #expect(try route(#"{"x":1}"#, [Self.off], query: "off=true").hasPrefix("undo-forbidden"))
        #expect(try route(#"{"x":1}"#, [Self.off], query: "page=2") == "pass")
        #expect(try route(#"{"x":1}"#, [Self.state], query: "people[0][state]=x").hasPrefix("undo-forbidden"))
        #expect(try route("x=1", [Self.off], type: "application/x-www-form-urlencoded", query: "off=no", formats: [.form]).hasPrefix("undo-forbidden"))
    }

    @Test(arguments: ["off=no", "Off=no", "off%5B%5D=no", "off[x]=no", "off=true&off=no", "off", "off=", "off=no;x=1"])
    func formsUndo(body: String) throws {
        let form = "application/x-www-form-urlencoded"
        let found = try route(body, [Self.off], type: form, formats: [.form, .multipart])
        #expect(found.hasPrefix("undo-forbidden") || found.hasPrefix("body-malformed"), "\(found)")
        #expect(try route("off=True&x=1", [Self.off], type: form, formats: [.form, .multipart]) == "pass")
    }

    @Test func partsUndo() throws {
        func body(_ name: String, _ value: String) -> String {
            "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n--b--\r\n"
        }
        let type = "multipart/form-data; boundary=b"
        #expect(try route(body("off", "no"), [Self.off], type: type, formats: [.form, .multipart]) == "undo-forbidden off")
        #expect(try route(body("OFF", "no"), [Self.off], type: type, formats: [.form, .multipart]) == "undo-forbidden off")
        #expect(try route(body("off", "true"), [Self.off], type: type, formats: [.form, .multipart]) == "pass")
        #expect(try route(body("off", "no") + "x", [Self.off], type: type, formats: [.form, .multipart]).hasPrefix("body-malformed"))
    }
}
