import ArgumentParser

/// The command line: one subcommand per file in Commands/.
@main
struct Stopgate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stopgate",
        abstract: "Keeps messages away from people who said stop.",
        discussion: """
            Exit codes: 0 done; 1 the answer is no (suppressed, problems found); 2 it could not be done; 64 wrong arguments.
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, SuppressCommand.self, CheckCommand.self, ImportCommand.self, ExportCommand.self, PolicyCommand.self,
            AuditCommand.self, CertsCommand.self, RouteCommand.self, LedgerCommand.self, StatusCommand.self,
        ])
}
