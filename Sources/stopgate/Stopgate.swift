import ArgumentParser

/// The command line: one subcommand per file in Commands/.
@main
struct Stopgate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stopgate",
        abstract: "Keeps messages away from people who said stop.")
}
