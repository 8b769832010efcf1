import ArgumentParser
import ControlPlane
import Policy

/// Where the policies are; every command that needs a gate's files takes it.
struct ConfigurationOption: ParsableArguments {
    @Option(name: [.customLong("config"), .customShort("c")], help: "Directory with stopgate.yaml, providers/ and channels/.")
    var config = "policies"

    /// Reads the policies.
    /// - Throws: ``Failure`` with every mistake in them.
    func ruleset() throws -> Ruleset {
        do throws(PolicyProblems) { return try PolicyLoader.load(directory: config) } catch {
            throw Failure("the policies in \(config) have mistakes; 'stopgate policy check --config \(config)' shows them\n\(error)")
        }
    }
}

struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON for machines.") var json = false
}
