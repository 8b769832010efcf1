import ArgumentParser
import Foundation

/// A run: what was asked, where, and what came of it. Written as result.json, with report.html beside it.
struct RunResult: Codable {
    var scenario: Scenario
    var label: String
    var command: [String]
    var environment: Environment
    var steps: [StepResult] = []

    init(scenario: Scenario, label: String, command: [String], environment: Environment) {
        self.scenario = scenario
        self.label = label
        self.command = command
        self.environment = environment
    }

    func write(to directory: String) throws {
        let folder = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: folder.appendingPathComponent("result.json"), options: .atomic)
        try Data(HTMLReport([self]).page().utf8).write(to: folder.appendingPathComponent("report.html"), options: .atomic)
    }

    /// - Parameter path: result.json, or the directory it is in.
    static func read(_ path: String) throws -> RunResult {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { throw ValidationError("\(path) does not exist") }
        let file = isDirectory.boolValue ? path + "/result.json" : path
        do { return try JSONDecoder().decode(RunResult.self, from: Data(contentsOf: URL(fileURLWithPath: file))) } catch {
            throw ValidationError("\(file) is no result of stopgate-load: \(error.localizedDescription)")
        }
    }
}
