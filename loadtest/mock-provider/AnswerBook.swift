import Foundation

/// The answers of every provider, compiled; shared by the workers.
final class AnswerBook: Sendable {
    struct Provider: Sendable {
        let name: String
        /// Labels from left to right; `nil` stands for any one label.
        let hosts: [[String?]]
        let rules: [AnswerRule]
        let errors: [String: AnswerRule]
    }

    let providers: [Provider]

    /// - Parameter directory: holds the `.yaml` files.
    /// - Throws: ``AnswerProblem``.
    init(directory: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        providers = try names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            let file = try AnswerFile(path: "\(directory)/\(name)")
            do {
                return Provider(
                    name: file.provider,
                    hosts: file.hosts.map { host in
                        host.lowercased().split(separator: ".").map { $0.hasPrefix("{") ? nil : String($0) }
                    },
                    rules: try file.answers.map { try AnswerRule($0) },
                    errors: try (file.errors ?? [:]).mapValues { try AnswerRule($0) })
            } catch let problem as AnswerProblem {
                throw AnswerProblem("\(directory)/\(name): \(problem.text)")
            }
        }
        guard !providers.isEmpty else { throw AnswerProblem("\(directory) holds no answers; give --answers DIRECTORY") }
    }

    /// The providers that a request to `authority` may be meant for: the one whose host name it is; all of them, in the order
    /// of their files, when it is nobody's, such as `localhost`.
    func providers(of authority: String) -> [Provider] {
        let host = authority.split(separator: ":").first.map { $0.lowercased() } ?? ""
        let labels = host.split(separator: ".")
        let found = providers.filter { provider in
            provider.hosts.contains { pattern in
                pattern.count == labels.count && zip(pattern, labels).allSatisfy { $0 == nil || $0! == $1 }
            }
        }
        return found.isEmpty ? providers : found
    }

    /// The rules of `method` and `path` in the order they are tried.
    func rules(method: String, authority: String, path: String) -> [AnswerRule] {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let candidates = providers(of: authority).map { $0.rules.filter { $0.matches(method, segments) } }
        // A rest of any kind says nothing about whose call it is.
        return candidates.first { $0.contains { !$0.isForAnyRest } } ?? candidates.first { !$0.isEmpty } ?? []
    }

    func error(_ name: String, authority: String) -> AnswerRule? {
        for provider in providers(of: authority) {
            if let rule = provider.errors[name] { return rule }
        }
        return nil
    }

    /// Beside the program, or in the working copy that it was built in.
    static var standardDirectory: String? {
        guard var place = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else { return nil }
        var candidates = [place.appendingPathComponent("answers").path]
        while place.path != "/" {
            candidates.append(place.appendingPathComponent("loadtest/mock-provider/answers").path)
            place.deleteLastPathComponent()
        }
        return candidates.first { FileManager.default.fileExists(atPath: $0) }
    }
}
