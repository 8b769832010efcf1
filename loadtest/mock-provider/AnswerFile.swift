import Foundation
import Yams

/// One file of `answers/`: how a provider answers, as written. README.md beside the files describes every key.
struct AnswerFile: Decodable {
    var provider: String
    var hosts: [String]
    var answers: [Answer]
    /// By the name that `behave` asks for.
    var errors: [String: Answer]?

    struct Answer: Decodable {
        /// `POST /path/{segment}`; absent in an error.
        var on: String?
        /// `form Action: Publish`: only requests whose field, member or header has this value.
        var when: [String: String]?
        var status: Int
        var contentType: String?
        var headers: [String: String]?
        var body: String?
        var each: Each?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case on, when, status, headers, body, each
            case contentType = "content_type"
        }
    }

    /// A text repeated for each recipient of the request.
    struct Each: Decodable {
        /// The list, such as `json messages[*].to`.
        var of: String
        var item: String

        enum CodingKeys: String, CodingKey, CaseIterable { case of, item }
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case provider, hosts, answers, errors }

    /// - Throws: what is wrong with the file, in one sentence.
    init(path: String) throws {
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            self = try YAMLDecoder().decode(AnswerFile.self, from: text)
            try Self.checkKeys(text)
        } catch let problem as AnswerProblem {
            throw AnswerProblem("\(path): \(problem.text)")
        } catch {
            throw AnswerProblem("\(path): \(error)")
        }
    }

    /// A decoder passes over keys it does not know; here they are mistakes.
    private static func checkKeys(_ text: String) throws {
        guard let root = try Yams.compose(yaml: text) else { return }
        try check(root, CodingKeys.allCases.map(\.rawValue), "the file")
        let answers = (root["answers"]?.sequence.map { Array($0) } ?? []) + (root["errors"]?.mapping.map { Array($0.values) } ?? [])
        for answer in answers {
            try check(answer, Answer.CodingKeys.allCases.map(\.rawValue), "an answer")
            if let each = answer["each"] { try check(each, Each.CodingKeys.allCases.map(\.rawValue), "each") }
        }
    }

    private static func check(_ node: Node, _ known: [String], _ place: String) throws {
        for key in node.mapping?.keys.compactMap(\.string) ?? [] where !known.contains(key) {
            let line = node.mark.map { "line \($0.line): " } ?? ""
            throw AnswerProblem("\(line)\(place) has no '\(key)'; there are \(known.joined(separator: ", "))")
        }
    }
}

/// What is wrong with an answer file.
struct AnswerProblem: Error, CustomStringConvertible {
    let text: String

    init(_ text: String) { self.text = text }

    var description: String { text }
}
