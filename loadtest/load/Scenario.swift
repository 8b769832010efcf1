import ArgumentParser
import Foundation
import Yams

/// What to send, how much of it, and in which steps: one YAML file of loadtest/scenarios.
struct Scenario: Codable {
    enum HTTP: String, Codable { case h1, h2 }

    var name: String
    /// One sentence for the report.
    var about: String
    var `protocol`: HTTP = .h2
    /// Kinds of requests and how often each comes.
    var requests: [RequestKind]
    var steps: [Step]
    /// Steps at the rates of a sweep, made from one step.
    var sweep: Sweep?
    /// What the steps differ in, where that is a number: the horizontal axis of the plots. Each step says where it stands (`at`).
    var axis: Axis?
    /// Ends the run after a step whose achieved rate is below this share of the offered one.
    var stopBelow: Double?
    /// What loadtest/run.py prepares; the generator itself does not look at it.
    var setup: Setup?

    struct Sweep: Codable {
        /// Requests a second.
        var rates: [Double]?
        /// Shares of the rate at which the target is saturated, which `--saturation` tells.
        var shares: [Double]?
        var step: Step
    }

    struct Axis: Codable {
        var label: String
        var isLogarithmic: Bool?

        enum CodingKeys: String, CodingKey {
            case label
            case isLogarithmic = "logarithmic"
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, about, `protocol`, requests, steps, sweep, axis, setup
        case stopBelow = "stop_below"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        about = try values.decode(String.self, forKey: .about)
        `protocol` = try values.decodeIfPresent(HTTP.self, forKey: .protocol) ?? .h2
        requests = try values.decode([RequestKind].self, forKey: .requests)
        steps = try values.decodeIfPresent([Step].self, forKey: .steps) ?? []
        sweep = try values.decodeIfPresent(Sweep.self, forKey: .sweep)
        axis = try values.decodeIfPresent(Axis.self, forKey: .axis)
        stopBelow = try values.decodeIfPresent(Double.self, forKey: .stopBelow)
        setup = try values.decodeIfPresent(Setup.self, forKey: .setup)
    }

    /// Every step in order, those of the sweep last.
    /// - Parameter saturation: requests a second.
    func allSteps(saturation: Double) -> [Step] {
        let rates = (sweep?.rates ?? []).map { ($0, "\(Int($0)) a second") }
        let shares = (sweep?.shares ?? []).map { ($0 * saturation, "\(Int($0 * 100)) % of saturation") }
        let swept = (rates + shares).map { rate, name in
            var step = sweep?.step ?? Step()
            step.rate = rate.rounded()
            step.name = name
            return step
        }
        return steps + swept
    }

    /// Whether ``allSteps(saturation:)`` depends on what it is told.
    var needsSaturation: Bool { !(sweep?.shares ?? []).isEmpty }

    static func read(_ file: String) throws -> Scenario {
        let text: String
        do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
            throw ValidationError("\(file) cannot be read: \(error.localizedDescription)")
        }
        let scenario: Scenario
        do { scenario = try YAMLDecoder().decode(Scenario.self, from: text) } catch let error as DecodingError {
            throw ValidationError("\(file): \(describe(error))")
        } catch { throw ValidationError("\(file): \(error)") }
        if let problem = scenario.problem { throw ValidationError("\(file): \(problem)") }
        return scenario
    }

    /// What no run could be made of; `nil` when all is well.
    private var problem: String? {
        let allSteps = allSteps(saturation: 1000)
        if allSteps.isEmpty { return "has neither steps nor a sweep" }
        if Set(allSteps.map(\.name)).count < allSteps.count { return "two steps have the same name" }
        if sweep?.shares?.contains(where: { $0 <= 0 || $0 > 2 }) ?? false { return "sweep: shares must be above 0 and at most 2" }
        if axis != nil, let step = allSteps.first(where: { $0.at == nil && $0.rate == nil }) { return "step '\(step.name)': says no 'at' for the axis" }
        if let problem = setup?.provider?.problem { return "setup: provider: \(problem)" }
        if requests.isEmpty { return "has no requests" }
        if requests.contains(where: { $0.weight <= 0 }) { return "requests: every weight must be above 0" }
        for step in allSteps {
            if let problem = step.problem(self.protocol) { return "step '\(step.name)': \(problem)" }
        }
        return nil
    }

    private static func describe(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
            return path.isEmpty ? "the file" : path
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(path(context)): '\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(path(context)): \(context.debugDescription)"
        case .dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }
}
