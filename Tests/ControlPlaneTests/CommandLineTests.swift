import ArgumentParser
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

    @Test func theGuideNamesBaseAndAuthority() {
        for provider in ["twilio", "sendgrid", "unknown"] {
            let guide = RouteGuide(
                provider: provider, base: "https://gate:8443/\(provider)", address: "gate:8443", hosts: ["api.example.com"], authority: "/ca.pem")
            #expect(guide.text.contains("https://gate:8443/\(provider)"))
            #expect(guide.text.contains("REQUESTS_CA_BUNDLE=/ca.pem"))
            #expect(guide.text.contains("api.example.com"))
        }
    }

    @Test func strangersCannotMoveTheCursor() {
        #expect(Terminal.plain("a\u{1b}[2Jb\r\n") == "a\u{fffd}[2Jb\u{fffd}\u{fffd}")
    }
}
