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
        #expect(problem { $0.endpoints[0].mode = .fanout } == "endpoints[0].mode")
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
}
