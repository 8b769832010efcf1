import Foundation

/// Where something stands in a request: `json messages[*].to`, `form To`, `query to`, `header x-amz-target`, `path 3`.
struct AnswerPlace: Sendable {
    private enum Source: Sendable { case json, form, query, header, path }

    private enum Step: Sendable {
        case member(String)
        case items
        /// Every key of an object.
        case keys
    }

    private let source: Source
    private let steps: [Step]
    /// Around the counting number of a field's name: `Destination.ToAddresses.member.` and nothing behind.
    private let name: (prefix: String, suffix: String)?
    private let whole: String

    init(_ text: String) throws {
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).map(String.init)
        guard words.count == 2 else { throw AnswerProblem("'\(text)' is no place: write 'json to' or 'form To'") }
        whole = words[1]
        var name: (String, String)?
        var steps: [Step] = []
        switch words[0] {
        case "json":
            source = .json
            steps = whole.split(separator: ".").flatMap { word -> [Step] in
                var rest = word
                var after: [Step] = []
                while rest.hasSuffix("[*]") {
                    rest = rest.dropLast(3)
                    after.append(.items)
                }
                if rest == "{*}" { return [.keys] + after }
                return (rest.isEmpty || rest == "$" ? [] : [.member(String(rest))]) + after
            }
        case "form":
            source = .form
            if let mark = whole.range(of: "[#]") { name = (String(whole[..<mark.lowerBound]), String(whole[mark.upperBound...])) }
        case "query": source = .query
        case "header": source = .header
        case "path": source = .path
        default: throw AnswerProblem("'\(words[0])' is no part of a request; there are json, form, query, header and path")
        }
        self.name = name
        self.steps = steps
    }

    func texts(_ request: AnswerRequest) -> [String] { values(request).map(\.text) }

    /// What stands there, in the order of the request.
    func values(_ request: AnswerRequest) -> [AnswerValue] {
        switch source {
        case .json: return values(in: AnswerValue(request.json))
        case .header: return request.headers(whole).map { .text($0) }
        case .query: return request.query.filter { $0.name == whole }.map { .text($0.value) }
        case .path:
            let segments = request.path.split(separator: "/")
            guard let index = Int(whole), segments.indices.contains(index - 1) else { return [] }
            return [.text(segments[index - 1].removingPercentEncoding ?? "")]
        case .form:
            return request.form.filter { field in
                guard let name else { return field.name == whole }
                guard field.name.hasPrefix(name.prefix), field.name.hasSuffix(name.suffix),
                    field.name.count > name.prefix.count + name.suffix.count
                else { return false }
                return field.name.dropFirst(name.prefix.count).dropLast(name.suffix.count).allSatisfy(\.isNumber)
            }.map { .text($0.value) }
        }
    }

    func values(in root: AnswerValue) -> [AnswerValue] {
        var found = [root]
        for step in steps {
            found = found.flatMap { value -> [AnswerValue] in
                switch step {
                case .member(let name): value.member(name).map { [$0] } ?? []
                case .items: value.items
                case .keys: value.keys
                }
            }
        }
        return found.filter { !$0.isAbsent }
    }
}
