import ArgumentParser
import Foundation

/// `stopgate-load run SCENARIO --target URL`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a scenario against a gate, a proxy or a provider.",
        discussion: """
            Only loopback targets are taken unless --allow-remote is given: a load test of somebody else's machine is an attack.

              stopgate-load run loadtest/scenarios/throughput.yaml --target https://localhost:8443 --prefix --ca certs/ca.pem
            """)

    @Argument(help: "A scenario file, such as loadtest/scenarios/throughput.yaml.")
    var scenario: String

    @Option(help: "Scheme, host and port to send to.")
    var target: String

    @Flag(help: "Put the provider's prefix (/twilio, /sendgrid) before its paths, as a gate reached by base URL wants it.")
    var prefix = false

    @Option(help: "A PEM file of the certificate authority to trust; the system's otherwise.")
    var ca: String?

    @Option(help: "Threads, each with connections of its own.")
    var threads = 1

    @Option(help: "Also records CPU, memory, descriptors and threads of this process: NAME=PID. May be repeated.")
    var watch: [String] = []

    @Option(help: "Directory for the report: report.html and result.json.")
    var output: String?

    @Option(help: "Says in the report what was measured.")
    var label = "target"

    @Option(help: "Cuts every step to this many seconds.")
    var maxSeconds: Double?

    @Option(help: "Run only the step of this name. May be repeated.")
    var only: [String] = []

    @Option(help: "Requests a second at which the target is saturated, for scenarios that sweep shares of it.")
    var saturation: Double?

    @Flag(help: "Add the steps to the result that is in the output directory.")
    var append = false

    @Flag(help: "Nobody is suppressed at this target: expect every request to be accepted, as a provider or a proxy without check does.")
    var unchecked = false

    @Flag(help: "Take a target that is not on this machine.")
    var allowRemote = false

    mutating func run() throws {
        let scenario = try Scenario.read(scenario)
        let target = try Target(target, authorities: ca, offersHTTP2: scenario.protocol == .h2, allowsRemote: allowRemote)
        let watched = try watch.map { try WatchedProcess($0) }
        guard (1...64).contains(threads) else { throw ValidationError("--threads must be between 1 and 64") }
        guard saturation.map({ $0 >= 1 }) ?? !scenario.needsSaturation else {
            throw ValidationError("this scenario sweeps shares of saturation: give --saturation, measured with the scenario 'throughput'")
        }
        let steps = scenario.allSteps(saturation: saturation ?? 0).filter { only.isEmpty || only.contains($0.name) }
        if let unknown = only.first(where: { name in !steps.contains { $0.name == name } }) { throw ValidationError("--only: there is no step '\(unknown)'") }
        var result = RunResult(scenario: scenario, label: label, command: CommandLine.arguments, environment: .current())
        if append, let output { result.steps = try RunResult.read(output).steps }
        let progress = Progress()
        for var step in steps {
            if let maxSeconds { step.seconds = min(step.seconds, maxSeconds) }
            let requests = RequestFactory(
                step.mix ?? scenario.requests, target: target, usesPrefix: prefix, isChecked: !unchecked,
                suppressions: step.setup?.suppressions ?? scenario.setup?.suppressions
            ).make()
            let outcome = try StepRunner(
                step, target: target, requests: requests, threads: threads, watched: watched, progress: progress,
                expectsResets: (step.setup?.provider ?? scenario.setup?.provider)?.resets ?? false
            ).run()
            result.steps.append(outcome)
            if let stop = scenario.stopBelow, let rate = step.rate, outcome.rate < rate * stop {
                progress.line("  \(step.name): saturated at \(Int(outcome.rate)) a second")
                break
            }
        }
        if let output {
            try result.write(to: output)
            progress.line("Report: \(output)/report.html")
        }
        if result.steps.contains(where: { $0.unexpected > 0 }) {
            progress.line("Some requests failed or got an answer the scenario does not expect.")
            throw ExitCode(1)
        }
    }
}
