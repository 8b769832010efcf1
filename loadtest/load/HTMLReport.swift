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
            <h2>Where and how</h2>
            <p class="soft">\(HTML.escaped(first.environment.processor)), \(first.environment.cores) cores, \(first.environment.memoryBytes >> 30) GiB, Linux
            \(HTML.escaped(first.environment.kernel)), load average \(String(format: "%.1f", first.environment.load)) before the run.</p>
            <pre>\(runs.map { HTML.escaped($0.command.joined(separator: " ")) }.joined(separator: "\n"))</pre>
            </body></html>

            """
    }

    // MARK: Plots

    private func plots() -> String {
        let isSweep = (runs.first?.steps.filter { $0.step.rate != nil }.count ?? 0) > 1
        var plots: [Plot] = []
        if isSweep {
            plots.append(byRate("Latency by offered rate", "", isTime: true, series: [
                ("p50", { $0.response.p50 }), ("p99", { $0.response.p99 }), ("p99.9", { $0.response.p999 })]))
            plots.append(byRate("Achieved rate", "answers a second", series: [("", { $0.rate })]))
        } else {
            plots.append(byStep("Rate", "answers a second") { $0.rate })
            plots.append(byStep("Latency, p99", "", isTime: true) { $0.response.p99 })
        }
        plots.append(distribution())
        if runs.contains(where: { $0.steps.contains { !$0.processes.isEmpty } }) {
            let cpu = { (step: StepResult) in step.processes.first?.cpuPerAnswer ?? 0 }
            let memory = { (step: StepResult) in Double(step.processes.first?.residentPeak ?? 0) / 1_048_576 }
            plots.append(isSweep ? byRate("CPU for each answer", "microseconds", series: [("", cpu)]) : byStep("CPU for each answer", "microseconds", cpu))
            plots.append(isSweep ? byRate("Memory at most", "MiB", series: [("", memory)]) : byStep("Memory at most", "MiB", memory))
        }
        return plots.map { $0.svg() }.joined(separator: "\n")
    }

    private func byRate(_ title: String, _ label: String, isTime: Bool = false, series: [(String, (StepResult) -> Double)]) -> Plot {
        var lines: [Plot.Line] = []
        for run in runs {
            for (name, value) in series {
                let points = run.steps.compactMap { step in step.step.rate.map { ($0, value(step)) } }
                lines.append(Plot.Line(name: [runs.count > 1 ? run.label : "", name].filter { !$0.isEmpty }.joined(separator: " "), points: points))
            }
        }
        for index in lines.indices where lines[index].name.isEmpty { lines[index].name = runs[0].label }
        return Plot(title: title, xLabel: "requests offered a second", yLabel: label, lines: lines, isYLogarithmic: isTime, isYTime: isTime)
    }

    private func byStep(_ title: String, _ label: String, isTime: Bool = false, _ value: (StepResult) -> Double) -> Plot {
        let names = runs.first?.steps.enumerated().map { (Double($0.offset), $0.element.name) } ?? []
        let lines = runs.map { run in
            Plot.Line(name: run.label, points: run.steps.enumerated().map { (Double($0.offset), value($0.element)) })
        }
        return Plot(title: title, xLabel: "step", yLabel: label, lines: lines, isYTime: isTime, xNames: names.count <= 4 ? names : nil)
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

    // MARK: Table

    private func table() -> String {
        var out = "<table><thead><tr><th>step</th>"
        for title in ["run", "offered", "answers/s", "p50 µs", "p90", "p99", "p99.9", "max", "blocked", "unexpected", "handshakes", "CPU µs each", "peak MiB", "generator CPU µs"] {
            out += "<th>\(title)</th>"
        }
        out += "</tr></thead><tbody>"
        for index in runs[0].steps.indices {
            for run in runs where run.steps.indices.contains(index) {
                let step = run.steps[index]
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
        cells.append(step.unexpected == 0 ? "0" : "<span class=\"bad\">\(step.unexpected)</span>")
        cells.append(String(step.handshakes))
        cells.append(step.processes.first?.cpuPerAnswer.map(number) ?? "")
        cells.append(step.processes.first.map { number(Double($0.residentPeak) / 1_048_576) } ?? "")
        cells.append(number(step.generatorCPU))
        return cells
    }
}
