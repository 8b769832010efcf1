import Adapters
import Recipients
import Testing

@Suite struct AdapterProblemTests {
    private func problem(_ change: (inout AdapterSpec) -> Void) -> String? {
        var spec = AdapterFixture.spec()
        change(&spec)
        do throws(AdapterProblem) {
            _ = try Adapter(spec)
            return nil
        } catch { return error.path }
    }

    @Test func theFixtureIsSound() { #expect(problem { _ in } == nil) }

    @Test func everyMistakeIsNamedByItsPlace() {
        #expect(problem { $0.provider = "a b" } == "provider")
        #expect(problem { $0.prefix = "acme" } == "prefix")
        #expect(problem { $0.prefix = "/a/b" } == "prefix")
        #expect(problem { $0.hosts = [] } == "hosts")
        #expect(problem { $0.hosts[1] = "a..b" } == "hosts[1]")
        #expect(problem { $0.errors.suppressed.status = 429 } == "errors.suppressed.status")
        #expect(problem { $0.errors.suppressed.status = 503 } == "errors.suppressed.status")
        #expect(problem { $0.errors.refused.body = "{{messag}}" } == "errors.refused.body")
        #expect(problem { $0.errors.refused.body = "{{message" } == "errors.refused.body")
        #expect(problem { $0.errors.codes["nonsense"] = "1" } == "errors.codes.nonsense")
        #expect(problem { $0.pass[0].path = "v1" } == "pass[0]")
        #expect(problem { $0.pass[0].method = "post" } == "pass[0]")
        #expect(problem { $0.pass[1].path = "/**/x" } == "pass[1]")
        #expect(problem { $0.endpoints[1].id = "sms" } == "endpoints[1].id")
        #expect(problem { $0.endpoints[0].method = "post" } == "endpoints[0].method")
        #expect(problem { $0.endpoints[0].path = "/a//b" } == "endpoints[0].path")
        #expect(problem { $0.endpoints[0].recipients = [] } == "endpoints[0].recipients")
        #expect(problem { $0.endpoints[0].channels = [] } == "endpoints[0].channels")
        #expect(problem { $0.endpoints[0].data = ["to"] } == "endpoints[0].data[0]")
        #expect(problem { $0.endpoints[0].recipients = (0..<65).map { RecipientSpec(at: "To\($0)", kind: .phone, required: false) } } == "endpoints[0].recipients")
        #expect(problem { $0.endpoints[0].mode = .fanout } == "endpoints[0].recipients[0].at")
        #expect(problem { $0.endpoints[0].recipients[0].prefixes = [PrefixSpec(text: "tel", meaning: .opaque(.allow))] } == "endpoints[0].recipients[0].prefixes[0].text")
        #expect(problem { $0.endpoints[1].recipients[0].at = "to[1].email" } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].data = ["to[*].email"] } == "endpoints[1].data[0]")
        #expect(problem { $0.endpoints[1].data = ["to.x"] } == "endpoints[1].data[0]")
        #expect(problem { $0.endpoints[1].strip = [] } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].strip[0].remove = "to" } == "endpoints[1].strip[0].remove")
        #expect(problem { $0.endpoints[1].strip[0].whenEmpty = .remove("cc") } == "endpoints[1].strip[0].when_empty")
        #expect(problem { $0.endpoints[1].mode = .single } == "endpoints[1].strip")
        #expect(problem { $0.endpoints[1].data = (0..<64).map { "m\($0)" } } == "endpoints[1].data")
    }

    @Test func everyMisusedPlaceIsNamed() {
        #expect(problem { $0.endpoints[1].recipients[0].at = "to |" } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].recipients[0].at = "to | base63 | mime" } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].recipients[0].at = "to | json" } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].recipients[0].at = "to | mime | To | Cc" } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].recipients[0].at = "to[*]..email" } == "endpoints[1].recipients[0].at")
        #expect(problem { $0.endpoints[1].recipients[0].at = "to{*}.email" } == "endpoints[1].recipients[0].at")
    }

    @Test func everyMisusedErrorIsNamed() {
        #expect(problem { $0.errors.suppressed.status = 408 } == "errors.suppressed.status")
        #expect(problem { $0.errors.suppressed.status = 301 } == "errors.suppressed.status")
        #expect(problem { $0.errors.suppressed.each = "{}" } == "errors.suppressed.each")
        #expect(problem { $0.errors.suppressed.body = "{{each}}" } == "errors.suppressed.body")
        #expect(problem { $0.errors.refused.body = "{{recipient}}" } == "errors.refused.body")
        #expect(problem { $0.errors.suppressed.headers = [HeaderSpec(name: "Content-Length", value: "0")] } == "errors.suppressed.headers.Content-Length")
        #expect(problem { $0.errors.suppressed.headers = [HeaderSpec(name: "Stopgate-Verdict", value: "0")] } == "errors.suppressed.headers.Stopgate-Verdict")
        #expect(problem { $0.errors.refused.headers = [HeaderSpec(name: "a b", value: "0")] } == "errors.refused.headers.a b")
        #expect(problem { $0.errors.refused.headers = [HeaderSpec(name: "a", value: "\r\nb: c")] } == "errors.refused.headers.a")
        #expect(problem {
            var own = ErrorsOverrideSpec()
            own.refused.body = "{{nonsense}}"
            $0.endpoints[0].errors = own
        } == "endpoints[0].errors.refused.body")
    }

    /// Made on a JSON endpoint with a text, a list in a text, a map and an id.
    @Test func everyMisusedFormOfAPlaceIsNamed() {
        func problem(_ change: (inout EndpointSpec) -> Void) -> String? {
            self.problem { spec in
                spec.endpoints[1].recipients = [
                    RecipientSpec(at: "to[*]", kind: .phone, required: true), RecipientSpec(at: "text", kind: .phone, required: false),
                    RecipientSpec(at: "map.{*}", kind: .phone, required: false),
                ]
                spec.endpoints[1].strip = [
                    StripSpec(remove: "to[*]", whenEmpty: .reject), StripSpec(remove: "text", whenEmpty: .remove("text")),
                    StripSpec(remove: "map.{*}", whenEmpty: .remove("map")),
                ]
                change(&spec.endpoints[1])
            }
        }
        #expect(problem { _ in } == nil)
        #expect(problem { $0.requireOneOf = [["to", "tex"]] } == "endpoints[1].require_one_of[0]")
        #expect(problem { $0.strip[0].whenEmpty = .keep } == "endpoints[1].strip[0].when_empty")
        #expect(problem { $0.strip[1].remove = "tex" } == "endpoints[1].strip[1].remove")
        #expect(problem { $0.strip[1].aligned = ["delay"] } == "endpoints[1].strip[1].aligned[0]")
        #expect(problem { $0.strip[0].aligned = ["delay"] } == "endpoints[1].strip[0].aligned[0]")
        #expect(problem {
            $0.recipients[1].list = .comma
            $0.strip[1].aligned = ["rows[*].delay"]
        } == "endpoints[1].strip[1].aligned[0]")
        #expect(problem { $0.strip[0].with = ["names.x"] } == "endpoints[1].strip[0].with[0]")
        #expect(problem { $0.strip[0].with = ["map | json | {recipient}"] } == "endpoints[1].strip[0].with[0]")
        #expect(problem { $0.data = ["map | json | {*}"] } == "endpoints[1].data[0]")
        #expect(problem { $0.strip[0].with = ["map.{recipient}"] } == "endpoints[1].strip[0].with[0]")
        #expect(problem { $0.recipients[1].list = .mailboxes } == "endpoints[1].recipients[1].list")
        #expect(problem { $0.data = ["to.name"] } == "endpoints[1].data[0]")
        #expect(problem { $0.data = ["text[*]"] } == "endpoints[1].data[0]")
        #expect(problem { $0.data = ["map.known"] } == "endpoints[1].recipients[2].at")
        #expect(problem { $0.overrides = [OverrideSpec(at: "text", policy: .reject)] } == "endpoints[1].overrides[0].at")
        #expect(problem { $0.strip.removeLast() } == "endpoints[1].recipients[2].at")
        #expect(problem { $0.recipients[1] = RecipientSpec(at: "to[*]", kind: .email, required: false) } == "endpoints[1].recipients[1].at")
    }
}
