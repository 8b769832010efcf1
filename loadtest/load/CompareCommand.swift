import ArgumentParser
import Foundation

/// `stopgate-load compare A B ...`
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Puts results side by side: a table here, plots in an HTML page.",
        discussion: "Ratios are to the first result. Compare runs of one machine and one hour only.")

    @Argument(help: "Directories or result.json files of `stopgate-load run`, two or more.")
    var results: [String]

    @Option(help: "Where the page goes.")
    var output = "comparison.html"

    mutating func run() throws {
        guard results.count >= 2 else { throw ValidationError("name two results or more") }
        let runs = try results.map(RunResult.read)
        guard let first = runs.first else { return }
        for run in runs.dropFirst() where run.scenario.name != first.scenario.name {
            throw ValidationError("\(run.label) ran '\(run.scenario.name)', \(first.label) ran '\(first.scenario.name)': only equal scenarios compare")
        }
        for step in first.steps {
            print(step.name)
            for run in runs {
                guard let other = run.steps.first(where: { $0.name == step.name }) else { continue }
                var line = "  \(run.label.padding(toLength: 22, withPad: " ", startingAt: 0))"
                line += String(format: "%9.0f/s  p50 %8.0f µs (×%.2f)  p99 %9.0f µs (×%.2f)", other.rate, other.response.p50,
                    ratio(other.response.p50, step.response.p50), other.response.p99, ratio(other.response.p99, step.response.p99))
                if let cpu = other.target?.cpuPerAnswer {
                    line += String(format: "  CPU %7.1f µs", cpu)
                    if let base = step.target?.cpuPerAnswer { line += String(format: " (×%.2f)", ratio(cpu, base)) }
                }
                print(line)
            }
        }
        try Data(HTMLReport(runs).page().utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        print("Page: \(output)")
    }

    private func ratio(_ value: Double, _ base: Double) -> Double { base > 0 ? value / base : 0 }
}
