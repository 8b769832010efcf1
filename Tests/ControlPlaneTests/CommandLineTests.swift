import Adapters
import ArgumentParser
import Foundation
import Policy
import Testing

@testable import stopgate

struct CommandLineTests {
    @Test(arguments: [
        ["suppress", "add"], ["suppress", "remove", "+14155550123"], ["suppress", "remove", "+14155550123", "--reason", "x"],
        ["suppress", "list", "--limit", "0"], ["suppress", "list", "--limit", "many"], ["check"], ["import"], ["export", "--format", "xls"],
        ["audit", "tail", "--lines=-1"], ["route"], ["serve", "extra"], ["nonsense"], ["certs", "issue"],
    ])
    func wrongArgumentsAreRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { _ = try Stopgate.parseAsRoot(arguments) }
        do {
            _ = try Stopgate.parseAsRoot(arguments)
        } catch {
            #expect(Stopgate.exitCode(for: error).rawValue == 64)
        }
    }

    @Test func theDefaultsAreTheDocumentedOnes() throws {
        let serve = try #require(try Stopgate.parseAsRoot(["serve"]) as? ServeCommand)
        #expect(serve.configuration.config == "policies")
        let list = try #require(try Stopgate.parseAsRoot(["suppress", "list", "-c", "/etc/stopgate"]) as? SuppressCommand.List)
        #expect(list.limit == 100)
        #expect(list.configuration.config == "/etc/stopgate")
    }

    @Test func everyCommandHelps() {
        for command in Stopgate.configuration.subcommands {
            #expect(!command.helpMessage().isEmpty)
            #expect(!command.configuration.abstract.isEmpty)
        }
    }

    @Test func theGuideNamesBaseHostsAndAuthority() throws {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: "{}")
        var spec = AdapterSpec(
            provider: "acme", file: "providers/acme.yaml", hosts: ["api.example.com", "{region}.api.example.com"], prefix: "/acme",
            origin: OriginSpec(host: "api.example.com"), errors: ErrorsSpec(suppressed: error, refused: error))
        spec.routing = [RoutingSpec(sdk: "acme 1 (Python)", settings: [("base_url", "Client(\"{{base}}/v1\")"), ("note", "one\ntwo at {{host}}")])]
        let guide = RouteGuide(adapter: try Adapter(spec), address: "gate:8443", scheme: "https", authority: "/ca.pem")
        for text in [
            "https://gate:8443/acme/{region}.api.example.com", "REQUESTS_CA_BUNDLE=/ca.pem", "  api.example.com", "acme 1 (Python)",
            #"base URL: Client("https://gate:8443/acme/v1")"#, "two at gate:8443",
        ] { #expect(guide.text.contains(text), "\(text)") }
        #expect(guide.markdown.contains("## acme") && guide.markdown.contains("https://gate:8443/acme/v1"))
    }

    @Test func theDocumentSaysWhatTheAdaptersSay() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let ruleset = try PolicyLoader.load(directory: root.appendingPathComponent("policies").path)
        let text = RouteCommand.markdown(ruleset, address: "gate.example.internal:8443", scheme: "https", authority: "ca.pem")
        let document = try String(contentsOf: root.appendingPathComponent("docs/routing.md"), encoding: .utf8)
        #expect(document.hasSuffix(text + "\n"), "docs/routing.md is out of date: make routing-docs")
    }

    @Test func certificatesCoverTheEnabledProvidersAlone() throws {
        let policies = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("policies").path
        let hosts = CertsCommand.providerHosts(policies)
        #expect(hosts.contains("api.twilio.com") && hosts.contains("api.sendgrid.com"))
        #expect(!hosts.contains { $0.contains("{") })
        #expect(hosts.allSatisfy { $0.hasSuffix(".twilio.com") || $0.hasSuffix(".sendgrid.com") })
        #expect(CertsCommand.constraints(["*.acme.example", "acme.example", "127.0.0.1"]) == ["acme.example", "127.0.0.1"])
    }

    @Test func strangersCannotMoveTheCursor() {
        #expect(Terminal.plain("a\u{1b}[2Jb\r\n") == "a\u{fffd}[2Jb\u{fffd}\u{fffd}")
    }
}
