import ArgumentParser

/// `stopgate-load`: sends what senders send, at a rate that does not depend on the answers, and says how long they took.
@main
struct StopgateLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stopgate-load",
        abstract: "Generates the load of senders and reports latencies without coordinated omission.",
        subcommands: [RunCommand.self, CompareCommand.self, ShowCommand.self, SuppressionsCommand.self])
}
