import Foundation

/// One page about a run, or about several runs of one scenario side by side. Needs nothing but itself.
struct HTMLReport {
    private let runs: [RunResult]

    init(_ runs: [RunResult]) { self.runs = runs }

    func page() -> String {
        guard let first = runs.first else { return "" }
        let scenario = first.scenario
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTML.escaped(scenario.name)) · Stopgate load test</title><style>\(HTML.style)</style></head><body>
            <h1>\(HTML.escaped(scenario.name))</h1>
            <p>\(HTML.escaped(scenario.about))</p>
            <p class="soft">\(runs.map { HTML.escaped($0.label) }.joined(separator: " · ")), \(HTML.escaped(first.environment.date)). Latency counts from when a request was
            due, so a stall is charged to every request that waited in it.</p>
            <div class="figures">\(plots())</div>
            <h2>Every step</h2><div class="scroll">\(table())</div>
            \(cost())
            <h2>Where and how</h2>
            <p class="soft">\(HTML.escaped(first.environment.processor)), \(first.environment.cores) cores, \(first.environment.memoryBytes >> 30) GiB, Linux
            \(HTML.escaped(first.environment.kernel)), load average \(String(format: "%.1f", first.environment.load)) before the run.</p>
            <pre>\(runs.map { HTML.escaped($0.command.joined(separator: " ")) }.joined(separator: "\n"))</pre>
            </body></html>

            """
    }

    // MARK: Plots

    private func plots() -> String {
        let cpu = { (step: StepResult) in step.target?.cpuPerAnswer }
        let memory = { (step: StepResult) in step.target.map { Double($0.residentPeak) / 1_048_576 } }
        var figures: [String] = []
        if let axis = runs.first?.scenario.axis {
            figures.append(along(axis, "Answers", "a second") { $0.rate })
            figures.append(along(axis, "Latency, p50", "", isTime: true) { $0.response.p50 })
            figures.append(along(axis, "Latency, p99", "", isTime: true) { $0.response.p99 })
            figures.append(along(axis, "CPU for each answer", "microseconds", cpu))
            figures.append(along(axis, "Memory at most", "MiB", memory))
        } else if Set(runs.first?.steps.compactMap(\.step.rate) ?? []).count > 2 {
            let percentiles: [(String, (StepResult) -> Double?)] = [("p50", { $0.response.p50 }), ("p99", { $0.response.p99 }), ("p99.9", { $0.response.p999 })]
            // Three lines for each of several runs are nobody's to read.
            if runs.count == 1 { figures.append(byRate("Latency by offered rate", "", isTime: true, series: percentiles)) }
            for (name, value) in percentiles where runs.count > 1 { figures.append(byRate("Latency, \(name)", "", isTime: true, series: [("", value)])) }
            figures.append(byRate("Answers", "a second", series: [("", { $0.rate })]))
            figures.append(byRate("CPU for each answer", "microseconds", series: [("", cpu)]))
            figures.append(byRate("Memory at most", "MiB", series: [("", memory)]))
        } else {
            figures.append(byStep("Answers", "a second") { $0.rate })
            figures.append(byStep("Latency, p50", "", isTime: true) { $0.response.p50 })
            figures.append(byStep("Latency, p99", "", isTime: true) { $0.response.p99 })
            figures.append(byStep("CPU for each answer", "microseconds", cpu))
            figures.append(byStep("Memory at most", "MiB", memory))
        }
        figures.append(distribution().svg())
        if runs.contains(where: { $0.steps.contains { $0.seconds >= 60 && $0.target != nil } }) {
            figures.append(overTime("Memory in the course of it", "MiB") { $0[1] / 1_048_576 })
            figures.append(overTime("Descriptors in the course of it", "") { $0[2] })
            figures.append(overTime("Threads in the course of it", "") { $0[3] })
        }
        return figures.joined(separator: "\n")
    }

    private func byRate(_ title: String, _ label: String, isTime: Bool = false, series: [(String, (StepResult) -> Double?)]) -> String {
        var lines: [Plot.Line] = []
        for run in runs {
            for (name, value) in series {
                let points = run.steps.compactMap { step in step.step.rate.flatMap { rate in value(step).map { (rate, $0) } } }
                guard !points.isEmpty else { continue }
                lines.append(Plot.Line(name: [runs.count > 1 || name.isEmpty ? run.label : "", name].filter { !$0.isEmpty }.joined(separator: " "), points: points))
            }
        }
        return Plot(title: title, xLabel: "requests offered a second", yLabel: label, lines: lines, isYLogarithmic: isTime, isYTime: isTime).svg()
    }

    private func along(_ axis: Scenario.Axis, _ title: String, _ label: String, isTime: Bool = false, _ value: (StepResult) -> Double?) -> String {
        let lines = runs.map { run in
            Plot.Line(name: run.label, points: run.steps.compactMap { step in step.step.at.flatMap { at in value(step).map { (at, $0) } } })
        }
        let places = Set(lines.flatMap { $0.points.map(\.0) }).sorted()
        let isLogarithmic = axis.isLogarithmic ?? false
        return Plot(
            title: title, xLabel: axis.label, yLabel: label, lines: lines.filter { !$0.points.isEmpty }, isXLogarithmic: isLogarithmic, isYTime: isTime,
            xNames: places.count <= 5 && !isLogarithmic ? places.map { ($0, Plot.label($0)) } : nil
        ).svg()
    }

    private func byStep(_ title: String, _ unit: String, isTime: Bool = false, _ value: (StepResult) -> Double?) -> String {
        let names = runs.first?.steps.map(\.name) ?? []
        let groups = names.map { name in (name, runs.map { run in run.steps.first { $0.name == name }.flatMap(value) }) }
        return Bars(title: title, unit: unit, runs: runs.map(\.label), groups: groups, isTime: isTime).svg()
    }

    private func overTime(_ title: String, _ label: String, _ value: ([Double]) -> Double) -> String {
        let lines = runs.flatMap { run in
            run.steps.compactMap { step in
                step.target.map { target in
                    Plot.Line(name: runs.count > 1 ? "\(run.label), \(step.name)" : step.name, points: target.samples.map { ($0[0] / 60, value($0)) })
                }
            }
        }
        return Plot(title: title, xLabel: "minutes", yLabel: label, lines: lines).svg()
    }

    /// The whole distribution; the horizontal axis stretches the slow end, as HdrHistogram's plots do.
    private func distribution() -> Plot {
        func place(_ percentile: Double) -> Double { -log10(max(1e-6, 1 - percentile / 100)) }
        var lines: [Plot.Line] = []
        for run in runs {
            let steps = runs.count > 1 ? Array(run.steps.suffix(1)) : Array(run.steps.suffix(8))
            for step in steps {
                lines.append(Plot.Line(
                    name: runs.count > 1 ? "\(run.label), \(step.name)" : step.name, points: step.response.curve.map { (place($0[0]), $0[1]) }))
            }
        }
        let names = [50, 90, 99, 99.9, 99.99].map { (place($0), $0 == 50 ? "50 %" : String(format: "%g", $0)) }
        let reach = lines.flatMap(\.points).map(\.0).max() ?? 0
        return Plot(
            title: "Distribution of latency", xLabel: "percentile", yLabel: "", lines: lines, isYLogarithmic: true, isYTime: true,
            xNames: names.filter { $0.0 <= reach })
    }

    /// Whether generator and provider could have been what was measured.
    private func cost() -> String {
        let shares = runs.flatMap(\.steps).filter { $0.provider != nil }.map { $0.rate * ($0.generatorCPU + ($0.provider?.cpuPerAnswer ?? 0)) / 1e6 }
        guard let most = shares.max() else { return "" }
        return #"<p class="soft">Generator and provider took \#(String(format: "%.0f", most * 100)) % of one core together at most"#
            + (runs.contains { $0.label == "direct" } ? "; <em>direct</em> is the same load on the provider alone." : ".") + "</p>"
    }

    // MARK: Table

    private func table() -> String {
        var out = "<table><thead><tr><th>step</th>"
        for title in ["run", "offered", "answers/s", "p50 µs", "p90", "p99", "p99.9", "max", "blocked", "provider's errors", "unexpected", "handshakes", "CPU µs each", "peak MiB", "provider CPU µs", "generator CPU µs"] {
            out += "<th>\(title)</th>"
        }
        out += "</tr></thead><tbody>"
        for index in runs[0].steps.indices {
            for run in runs {
                guard let step = run.steps.first(where: { $0.name == runs[0].steps[index].name }) else { continue }
                let cells = Self.cells(run, step)
                out += "<tr><td>\(HTML.escaped(step.name))</td>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
            }
        }
        return out + "</tbody></table>"
    }

    private static func cells(_ run: RunResult, _ step: StepResult) -> [String] {
        func number(_ value: Double) -> String { String(format: value < 100 ? "%.1f" : "%.0f", value) }
        var cells = [HTML.escaped(run.label)]
        cells.append(step.step.rate.map { number($0) } ?? "closed loop")
        cells += [step.rate, step.response.p50, step.response.p90, step.response.p99, step.response.p999, step.response.max].map(number)
        cells.append(String(step.blocked))
        cells.append(String(step.injected + step.lost))
        cells.append(step.unexpected == 0 ? "0" : "<span class=\"bad\">\(step.unexpected)</span>")
        cells.append(String(step.handshakes))
        cells.append(step.target?.cpuPerAnswer.map(number) ?? "")
        cells.append(step.target.map { number(Double($0.residentPeak) / 1_048_576) } ?? "")
        cells.append(step.provider?.cpuPerAnswer.map(number) ?? "")
        cells.append(number(step.generatorCPU))
        return cells
    }
}
