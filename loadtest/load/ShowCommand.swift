import ArgumentParser
import Foundation

/// `stopgate-load show SCENARIO`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Checks a scenario and writes it as JSON, every step and default spelled out.")

    @Argument(help: "A scenario file.")
    var scenario: String

    mutating func run() throws {
        let scenario = try Scenario.read(scenario)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try FileHandle.standardOutput.write(contentsOf: encoder.encode(scenario) + Data("\n".utf8))
    }
}
