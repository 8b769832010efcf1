import ArgumentParser
import Foundation

/// The command line: one subcommand per file in Commands/.
@main
struct Stopgate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stopgate",
        abstract: "Keeps messages away from people who said stop.",
        discussion: """
            Exit codes: 0 done, and the answer is yes; 1 the answer is no (suppressed, problems found, nothing found); 2 it could
            not be done; 64 the arguments are wrong.
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, SuppressCommand.self, CheckCommand.self, HistoryCommand.self, LinkCommand.self, UnlinkCommand.self,
            ImportCommand.self, ExportCommand.self, ListCommand.self, TokenCommand.self,
            PolicyCommand.self, AuditCommand.self, CertsCommand.self, RouteCommand.self, LedgerCommand.self, BackupCommand.self,
            RestoreCommand.self, RotateSecretCommand.self, StatusCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch let failure as Failure {
            Terminal.note("\(Terminal.paintError("error:")) \(failure)")
            Foundation.exit(Failure.exitCode)
        } catch {
            exit(withError: error)
        }
    }
}
