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
    /// Steps at rates of a sweep, made from one step. After a step that achieves less than `stop_below` of its rate, it ends.
    var sweep: Sweep?
    /// Ends the run after a step whose achieved rate is below this share of the offered one.
    var stopBelow: Double?
    /// What loadtest/run.py prepares; the generator itself does not look at it.
    var setup: Setup?

    struct Sweep: Codable {
        var rates: [Double]
        var step: Step
    }

    struct Setup: Codable {
        var suppressions: Int?
        var audit: String?
        var workers: Int?
        var providerDelay: Int?

        enum CodingKeys: String, CodingKey {
            case suppressions, audit, workers
            case providerDelay = "provider_delay"
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, about, `protocol`, requests, steps, sweep, setup
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
        stopBelow = try values.decodeIfPresent(Double.self, forKey: .stopBelow)
        setup = try values.decodeIfPresent(Setup.self, forKey: .setup)
    }

    /// Every step in order, those of the sweep last.
    var allSteps: [Step] {
        let swept = (sweep?.rates ?? []).map { rate in
            var step = sweep?.step ?? Step()
            step.rate = rate
            step.name = "\(Int(rate)) a second"
            return step
        }
        return steps + swept
    }

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
        if allSteps.isEmpty { return "has neither steps nor a sweep" }
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
