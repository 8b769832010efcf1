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

    @Argument(help: "A provider of the policies.") var provider: String
    @Option(help: "Where senders reach the gate: HOST or HOST:PORT. localhost and the proxy listener's port otherwise.") var gate: String?
    @Option(help: "The local CA as senders will find it.") var ca: String?
    @OptionGroup var configuration: ConfigurationOption

    func run() throws {
        let ruleset = try configuration.ruleset()
        let known = ruleset.routes.adapters.map { $0.provider }
        guard let adapter = ruleset.routes.adapters.first(where: { $0.provider == provider }) else {
            throw Failure("no file in \(configuration.config)/providers describes '\(provider)'; known are \(known.joined(separator: ", "))")
        }
        let listener = ruleset.settings.listeners.first { $0.role == .proxy }
        let port = listener.map { $0.port } ?? 8443
        var address = gate ?? "localhost"
        if !address.contains(":") { address += ":\(port)" }
        let scheme = listener?.usesTLS == false ? "http" : "https"
        let guide = RouteGuide(
            provider: provider, base: "\(scheme)://\(address)\(adapter.prefix)", address: address, hosts: adapter.hosts.filter { !$0.contains("{") },
            authority: ca ?? URL(fileURLWithPath: "certs/ca.pem").path)
        print(guide.text)
    }
}
