import Foundation
import Histogram

/// What one step showed. Latencies in microseconds.
struct StepResult: Codable {
    struct Latency: Codable {
        var mean, p50, p90, p99, p999, max: Double
        /// The whole distribution: share of answers that were at least as fast, and their latency.
        var curve: [[Double]]

        init(_ histogram: Histogram<UInt64>) {
            func at(_ percentile: Double) -> Double { histogram.totalCount == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) / 1000 }
            mean = histogram.totalCount == 0 ? 0 : histogram.mean / 1000
            p50 = at(50)
            p90 = at(90)
            p99 = at(99)
            p999 = at(99.9)
            max = at(100)
            curve = [0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999]
                .filter { $0 <= 90 || Double(histogram.totalCount) * (1 - $0 / 100) >= 1 }.map { [$0, at($0)] }
        }
    }

    var name: String
    var step: Step
    var seconds: Double
    var sent, accepted, blocked, wrong, delayed, handshakes, resumed: Int
    /// What the provider was told to do: errors it answered with, and requests it dropped.
    var injected, lost: Int
    var statuses: [String: Int]
    var failures: [String: Int]
    /// Answers a second; handshakes where a step has nothing else.
    var rate: Double
    /// From when a request was due; in a closed loop from when it was sent; of handshakes where a step has nothing else.
    var response: Latency
    /// From when it was sent.
    var service: Latency
    var handshake: Latency
    /// CPU of the generator itself, microseconds for each answer.
    var generatorCPU: Double
    var processes: [ProcessResult]

    init(step: Step, tally: Tally, seconds: Double, generatorCPU: Double, processes: [ProcessResult]) {
        name = step.name.isEmpty ? "step" : step.name
        self.step = step
        self.seconds = seconds
        sent = tally.sent
        accepted = tally.accepted
        blocked = tally.blocked
        wrong = tally.wrong
        injected = tally.injected
        lost = tally.lost
        delayed = tally.delayed
        handshakes = tally.handshakes
        resumed = tally.resumed
        statuses = Dictionary(uniqueKeysWithValues: tally.statuses.map { (String($0.key), $0.value) })
        failures = Dictionary(uniqueKeysWithValues: tally.failures.filter { $0.value > 0 }.map { ($0.key.rawValue, $0.value) })
        // Without requests, handshakes are what is counted.
        let units = step.requestsPerConnection == 0 ? tally.handshakes : tally.answered
        rate = Double(units) / seconds
        response = Latency(step.requestsPerConnection == 0 ? tally.handshake : tally.response)
        service = Latency(tally.service)
        handshake = Latency(tally.handshake)
        let answers = Double(max(1, units))
        self.generatorCPU = generatorCPU / answers * 1e6
        self.processes = processes.map { $0.per(answers) }
    }

    /// What is under test: the first watched process that is not the provider.
    var target: ProcessResult? { processes.first { $0.name != "provider" } }
    var provider: ProcessResult? { processes.first { $0.name == "provider" } }

    /// Answers nobody expected, and requests that came to nothing.
    var unexpected: Int { wrong + failures.values.reduce(0, +) }

    var summary: String {
        func text(_ value: Double) -> String { value < 1000 ? "\(Int(value)) µs" : String(format: "%.1f ms", value / 1000) }
        var line = "  \(name): \(Int(rate)) a second, p50 \(text(response.p50)), p99 \(text(response.p99)), p99.9 \(text(response.p999))"
        if blocked > 0 { line += ", \(blocked) blocked" }
        if injected + lost > 0 { line += ", \(injected) errors and \(lost) resets of the provider's own" }
        if step.requestsPerConnection != nil { line += ", \(handshakes) handshakes (\(resumed) resumed)" }
        for process in processes {
            line += String(format: "; %@ %.1f µs CPU each, %.0f MiB", process.name, process.cpuPerAnswer ?? 0, Double(process.residentPeak) / 1_048_576)
        }
        if unexpected > 0 { line += "; UNEXPECTED: \(wrong) wrong answers \(statuses), failures \(failures)" }
        return line
    }
}
