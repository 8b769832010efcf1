import ArgumentParser
import ControlPlane
import Foundation
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the gate.",
        discussion: """
            Runs until SIGTERM or SIGINT, then finishes what is in flight and exits with 0. SIGHUP reads policies and
            certificates again, and so does a change of their files; a set with a mistake changes nothing.

            Example: stopgate serve --config policies
            """)

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        ProcessSetup.apply()
        do {
            try await GateRuntime.serve(
                .init(
                    policies: configuration.config, environment: ProcessInfo.processInfo.environment, version: Version.current,
                    logger: { settings in Logger(label: "stopgate") { LineLogHandler(label: $0, settings: settings) } }))
        } catch {
            throw Failure(error)
        }
    }
}
