import Adapters
import ArgumentParser
import Foundation
import Policy

struct RouteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Prints how to send a sender's traffic through the gate.",
        discussion: """
            Two ways: the SDK's base URL, or DNS with the local CA. Nothing else in the sender changes.

            Examples:
              stopgate route twilio
              stopgate route sendgrid --gate gate.example.internal:8443
            """)

    @Argument(help: "An adapter of the policies, enabled or not.") var provider: String?
    @Option(help: "Where senders reach the gate: HOST or HOST:PORT. localhost and the proxy listener's port otherwise.") var gate: String?
    @Option(help: "The local CA as senders will find it.") var ca: String?
    @Flag(help: "Every adapter, as docs/routing.md has them.") var markdown = false
    @OptionGroup var configuration: ConfigurationOption

    func validate() throws {
        guard markdown || provider != nil else { throw ValidationError("name a provider: stopgate route twilio") }
    }

    func run() throws {
        let ruleset = try configuration.ruleset()
        let listener = ruleset.settings.listeners.first { $0.role == .proxy }
        let port = listener.map { $0.port } ?? 8443
        var address = gate ?? "localhost"
        if !address.contains(":") { address += ":\(port)" }
        let scheme = listener?.usesTLS == false ? "http" : "https"
        let authority = ca ?? URL(fileURLWithPath: "certs/ca.pem").path
        func guide(_ adapter: Adapter) -> RouteGuide { RouteGuide(adapter: adapter, address: address, scheme: scheme, authority: authority) }
        guard let provider else {
            print(Self.markdown(ruleset, address: address, scheme: scheme, authority: authority))
            return
        }
        guard let adapter = ruleset.adapters.first(where: { $0.provider == provider }) else {
            let known = ruleset.adapters.map { $0.provider }
            throw Failure("no file in \(configuration.config)/providers describes '\(provider)'; known are \(known.joined(separator: ", "))")
        }
        if !ruleset.settings.providers.enables(provider) {
            print("\(provider) is not enabled: add it to providers.enabled in \(configuration.config)/stopgate.yaml, and renew the certificate with 'stopgate certs issue gate'.\n")
        }
        print(guide(adapter).text)
    }

    /// The generated part of docs/routing.md, without its last line end.
    static func markdown(_ ruleset: Ruleset, address: String, scheme: String, authority: String) -> String {
        ruleset.adapters.map { RouteGuide(adapter: $0, address: address, scheme: scheme, authority: authority).markdown }.joined(separator: "\n")
    }
}
