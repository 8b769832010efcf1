import Adapters
import ArgumentParser
import Foundation
import Policy
import TLSKit

struct CertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs", abstract: "Makes the local CA and the gate's certificates.", subcommands: [Init.self, Issue.self])

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a CA and the gate's first certificate.",
            discussion: """
                The certificate covers every host name of the enabled providers, localhost, 127.0.0.1 and the names given.
                Senders are told to trust ca.pem; 'stopgate route PROVIDER' says how.

                Example: stopgate certs init --name gate.example.internal
                """)

        @Option(help: "Where to put them.") var directory = "certs"
        @Option(name: .customLong("name"), help: "Another host name or IP address the gate answers for; may be repeated.") var names: [String] = []
        @OptionGroup var configuration: ConfigurationOption

        func run() throws {
            // Not through the settings: they name the certificates that are about to be made.
            let hosts = CertsCommand.providerHosts(configuration.config)
            guard !hosts.isEmpty else { throw Failure("\(configuration.config)/providers names no hosts; is --config right?") }
            let subjects = (hosts + ["localhost", "127.0.0.1", "::1"] + names).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            do throws(TLSProblem) {
                let authority = try LocalCA.create(in: directory, permitted: CertsCommand.constraints(subjects))
                let issued = try authority.issue(name: "gate", subjects: subjects, purpose: .server)
                print("CA           \(authority.authorityFile)  (senders trust this; keep \(directory)/ca-key.pem to yourself)")
                print("certificate  \(issued.chainFile), \(issued.keyFile)")
                print("valid until  \(CertsCommand.date(issued.notAfter))")
                print("names        \(subjects.joined(separator: ", "))")
            } catch {
                throw Failure(error)
            }
        }
    }

    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues a certificate, replacing the one of the same name; a running gate takes it up by itself.",
            discussion: """
                Examples:
                  stopgate certs issue gate                          renews the gate's certificate with the names it has from the policies
                  stopgate certs issue mock api.twilio.com localhost
                  stopgate certs issue sender-1 sender-1.example.com --client
                """)

        @Argument(help: "What the files are called.") var name: String
        @Argument(help: "Host names and IP addresses it covers; without any, those of the enabled providers.") var subjects: [String] = []
        @Flag(help: "For a client to show, not for a server.") var client = false
        @Option(help: "Days it is valid, 1 to 397.") var days = LocalCA.longestDays
        @Option(help: "Where the CA is.") var directory = "certs"
        @OptionGroup var configuration: ConfigurationOption

        func run() throws {
            let names = subjects.isEmpty && !client ? CertsCommand.providerHosts(configuration.config) + ["localhost", "127.0.0.1", "::1"] : subjects
            do throws(TLSProblem) {
                let issued = try LocalCA.open(directory).issue(name: name, subjects: names, purpose: client ? .client : .server, days: days)
                print("certificate  \(issued.chainFile), \(issued.keyFile)")
                print("valid until  \(CertsCommand.date(issued.notAfter))")
            } catch {
                throw Failure(error)
            }
        }
    }

    /// Host names of the enabled providers. A label in braces in front becomes a wildcard; where it stands further back no
    /// certificate can cover it, and the pattern is left out.
    static func providerHosts(_ policies: String) -> [String] {
        guard let ruleset = try? PolicyLoader.load(directory: policies) else { return [] }
        return ruleset.routes.adapters.flatMap { $0.hosts }.compactMap { host in
            guard host.contains("{") else { return host }
            guard let dot = host.firstIndex(of: "."), host.first == "{", !host[dot...].contains("{") else { return nil }
            return "*" + host[dot...]
        }
    }

    /// What the CA may sign for so that it can issue `subjects`: a wildcard's domain, everything else as it is.
    static func constraints(_ subjects: [String]) -> [String] {
        subjects.map { $0.hasPrefix("*.") ? String($0.dropFirst(2)) : $0 }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    static func date(_ seconds: Int64) -> String { Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601.year().month().day()) }
}
