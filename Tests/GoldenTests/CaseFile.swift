import Foundation
import Yams

/// One file of Cases/.
struct CaseFile: Decodable {
    var provider: String
    var suppressed: [String]?
    var cases: [Case]

    struct Case: Decodable {
        var name: String
        /// `POST https://host/path`.
        var request: String
        var headers: [String: String]?
        var type: String?
        var body: String?
        var base64: String?
        var verdict: String
        var recipients: [String]?
        var forwards: String?
        var target: String?
        var answers: String?
        var fields: [String: String]?
        var scheduled: Bool?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, request, headers, type, body, base64, verdict, recipients, forwards, target, answers, fields, scheduled
        }
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")

    /// - Throws: when the file is no YAML, lacks something, or has a key that means nothing.
    init(_ url: URL) throws {
        let text = try String(contentsOf: url, encoding: .utf8)
        self = try YAMLDecoder().decode(CaseFile.self, from: text)
        let known = Case.CodingKeys.allCases.map(\.rawValue)
        for node in try Yams.compose(yaml: text)?["cases"]?.sequence.map({ Array($0) }) ?? [] {
            for key in node.mapping?.keys.compactMap(\.string) ?? [] where !known.contains(key) {
                throw Unknown(key: key, line: node.mark?.line ?? 0, file: url.lastPathComponent)
            }
        }
    }

    private struct Unknown: Error {
        let key: String
        let line: Int
        let file: String
    }

    /// Every file, by name; one that cannot be read ends the test run.
    static let all: [CaseFile] = {
        let urls = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return urls.filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }.map { url in
            do { return try CaseFile(url) } catch { fatalError("\(url.path): \(error)") }
        }
    }()
}
