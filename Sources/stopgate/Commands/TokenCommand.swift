public import ArgumentParser
public import ControlPlane
import Foundation
import Ledger
import Policy

extension AdminScope: ExpressibleByArgument {}

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens for the admin API: makes, lists and revokes them.",
        discussion: """
            A running gate knows of every change at once. What is kept is a digest: a token that is lost cannot be shown again.
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints it, this once.",
            discussion: """
                read looks; write adds opt-outs and links; admin does everything, removals included.

                Examples:
                  stopgate token create --name crm --scope write
                  stopgate token create --name dashboard --scope read --expires 90d
                  stopgate token create --name migration --scope read --scope write --expires 2026-12-31
                """)

        @Option(help: "What logs call its holder; small letters, digits, - _ . and used once.") var name: String
        @Option(name: .customLong("scope"), help: "read, write or admin; may be repeated.") var scopes: [AdminScope]
        @Option(help: "When it ends: 2026-12-31, a moment, or a time from now such as 12h or 90d. Never otherwise.") var expires: String?
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        private struct Answer: Encodable {
            var token: String
            var name: String
            var scopes: [AdminScope]
            var expiresAt: String?
        }

        func run() throws {
            let storage = try configuration.ruleset().settings.storage
            let end = try expires.map { text in
                guard let moment = Self.moment(text) else { throw Failure("--expires: '\(text)' is neither a date, nor a moment, nor a time such as 90d") }
                return moment
            }
            do {
                if !FileManager.default.fileExists(atPath: storage.directory) {
                    try FileManager.default.createDirectory(atPath: storage.directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
                }
                let (secret, token) = try TokenFile(storage.tokensFile).create(name: name, scopes: scopes, expires: end, by: TokenCommand.actor)
                if output.json {
                    return try Terminal.printJSON(Answer(token: secret, name: token.name, scopes: token.scopes, expiresAt: token.expiresAt))
                }
                // The token alone on standard output, for whoever reads it into a variable.
                Terminal.note("\(token.name): \(token.scopes.map(\.rawValue).joined(separator: ", ")), \(token.expiresAt.map { "until \($0)" } ?? "without an end"); shown this once:")
                print(secret)
            } catch {
                throw Failure(error)
            }
        }

        /// A moment, or a time from now.
        static func moment(_ text: String, now: Timestamp = .now()) -> Timestamp? {
            let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
            if let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), (1...100_000).contains(count) {
                return Timestamp(milliseconds: now.milliseconds + count * unit)
            }
            return Timestamp(text)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the tokens, revoked and expired ones included; never the tokens themselves.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            var name: String
            var scopes: [AdminScope]
            var state: AdminToken.State
            var createdAt: String
            var createdBy: String
            var expiresAt: String?
            var revokedAt: String?
            var revokedBy: String?
        }

        func run() throws {
            let lines: [Line]
            do {
                lines = try TokenFile(try configuration.ruleset().settings.storage.tokensFile).tokens().map { token in
                    Line(
                        name: token.name, scopes: token.scopes, state: token.state(at: .now()), createdAt: token.createdAt, createdBy: token.createdBy,
                        expiresAt: token.expiresAt, revokedAt: token.revokedAt, revokedBy: token.revokedBy)
                }
            } catch {
                throw Failure(error)
            }
            if output.json { return try Terminal.printJSON(["tokens": lines]) }
            if lines.isEmpty { return print("no tokens") }
            let rows = lines.map { line in
                [
                    line.name, line.scopes.map(\.rawValue).joined(separator: " "), line.state.rawValue, line.createdAt, Terminal.plain(line.createdBy),
                    line.revokedAt.map { "revoked \($0)" } ?? line.expiresAt.map { "until \($0)" } ?? "",
                ]
            }
            print(Terminal.table([["NAME", "SCOPES", "STATE", "CREATED", "BY", ""]] + rows))
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a token. The next call with it is refused.", discussion: "Example: stopgate token revoke crm")

        @Argument(help: "The token's name.") var name: String
        @OptionGroup var configuration: ConfigurationOption

        func run() throws {
            do {
                let token = try TokenFile(try configuration.ruleset().settings.storage.tokensFile).revoke(name, by: TokenCommand.actor)
                print("\(token.name) \(Terminal.paint("revoked", .green)) at \(token.revokedAt ?? "")")
            } catch {
                throw Failure(error)
            }
        }
    }

    /// Who changes the tokens, as the audit log names users.
    static var actor: String { "uid:\(getuid())" }
}
