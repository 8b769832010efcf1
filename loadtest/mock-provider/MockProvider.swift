import ArgumentParser

/// A messaging provider to send to in tests, the demo and load tests.
@main
struct MockProvider: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stopgate-mock")
}
