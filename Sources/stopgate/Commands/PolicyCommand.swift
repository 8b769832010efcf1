import Adapters
import ArgumentParser
import Policy

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "policy", abstract: "Looks after the policies.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what is wrong with the policies, with line and column.",
            discussion: "Exit code 0: nothing is; 1: something is.\n\nExample: stopgate policy check --config policies")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            var file: String
            var line: Int
            var column: Int
            var message: String
            var suggestion: String?
        }

        func run() throws {
            let problems = PolicyLoader.check(directory: configuration.config)
            if output.json {
                try Terminal.printJSON(problems.map {
                    Line(file: $0.file, line: $0.line, column: $0.column, message: $0.message, suggestion: $0.suggestion)
                })
            } else {
                for problem in problems { print(problem.rendered(colour: Terminal.hasColour) + "\n") }
                if problems.isEmpty, let ruleset = try? PolicyLoader.load(directory: configuration.config) {
                    let endpoints = ruleset.routes.adapters.reduce(0) { $0 + $1.endpoints.count }
                    print("\(Terminal.paint("good", .green)): \(ruleset.routes.adapters.count) providers, \(endpoints) send endpoints, ruleset \(ruleset.hashText.prefix(16))")
                } else {
                    print(Terminal.paint("\(problems.count) problem\(problems.count == 1 ? "" : "s")", .red))
                }
            }
            if !problems.isEmpty { throw ExitCode(1) }
        }
    }
}
