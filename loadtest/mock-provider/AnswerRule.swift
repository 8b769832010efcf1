/// One answer, compiled.
struct AnswerRule: Sendable {
    /// `nil` in an error, which answers whatever it is asked to.
    private let call: (method: String, segments: [Segment])?
    private let conditions: [(place: AnswerPlace, value: String)]
    let status: Int
    let contentType: String
    let headers: [(name: String, value: AnswerTemplate)]
    let body: AnswerTemplate
    let each: (list: AnswerPlace, item: AnswerTemplate)?

    private enum Segment: Sendable {
        case word(String)
        /// What is not in braces must stand in front and behind: `{sid}.json`.
        case hole(prefix: String, suffix: String)
        case rest
    }

    init(_ answer: AnswerFile.Answer) throws {
        status = answer.status
        contentType = answer.contentType ?? (answer.body == nil ? "" : "application/json")
        let escaping: AnswerTemplate.Escaping = contentType.contains("xml") ? .xml : .json
        body = try AnswerTemplate(answer.body ?? "", escaping: escaping)
        headers = try (answer.headers ?? [:]).sorted { $0.key < $1.key }
            .map { ($0.key.lowercased(), try AnswerTemplate($0.value, escaping: .none)) }
        each = try answer.each.map { (try AnswerPlace($0.of), try AnswerTemplate($0.item, escaping: escaping)) }
        conditions = try (answer.when ?? [:]).sorted { $0.key < $1.key }.map { (try AnswerPlace($0.key), $0.value) }
        guard let on = answer.on else {
            call = nil
            return
        }
        let words = on.split(separator: " ")
        guard words.count == 2, words[1].hasPrefix("/") else { throw AnswerProblem("on: '\(on)' is not METHOD /path") }
        call = (
            String(words[0]),
            words[1].split(separator: "/", omittingEmptySubsequences: false).map { segment in
                if segment == "**" { return .rest }
                guard let open = segment.firstIndex(of: "{"), let close = segment.lastIndex(of: "}") else { return .word(String(segment)) }
                return .hole(prefix: String(segment[..<open]), suffix: String(segment[segment.index(after: close)...]))
            }
        )
    }

    /// - Parameter segments: the path without its query, split at slashes.
    func matches(_ method: String, _ segments: [Substring]) -> Bool {
        guard let call, call.method == "*" || call.method == method else { return false }
        for index in call.segments.indices {
            if case .rest = call.segments[index] { return true }
            guard index < segments.count else { return false }
            switch call.segments[index] {
            case .word(let word): guard segments[index] == word else { return false }
            case .hole(let prefix, let suffix):
                let segment = segments[index]
                guard segment.count > prefix.count + suffix.count, segment.hasPrefix(prefix), segment.hasSuffix(suffix) else { return false }
            case .rest: break
            }
        }
        return segments.count == call.segments.count
    }

    /// Whether the path ends in `**`.
    var isForAnyRest: Bool { if case .rest? = call?.segments.last { true } else { false } }

    /// Whether anything in the request has to be looked at before the rule is chosen.
    var isConditional: Bool { !conditions.isEmpty }

    /// Whether the request has the values that the rule asks for; `*` is any value at all.
    func holds(_ request: AnswerRequest) -> Bool {
        conditions.allSatisfy { place, value in
            let found = place.texts(request)
            return value == "*" ? !found.isEmpty : found.contains(value)
        }
    }
}
