import Adapters

/// Calls that are no sends, and what tells calls apart.
extension AdapterReader {
    /// A list of `METHOD /path`, or of `{call: METHOD /path, header or field: NAME, value: TEXT}`, where `value` may be a list of
    /// texts: then it is one call for each.
    static func calls(_ section: YAMLSection, _ key: String, example: String) -> [PassSpec] {
        section.entries(key).flatMap { entry -> [PassSpec] in
            switch entry {
            case .text(let text, let path, let mark):
                let call = call(text, nil) { section.file.report("\(path): \($0)", mark, suggestion: "write METHOD /path, such as \(example)") }
                return call.map { [$0] } ?? []
            case .section(let entry):
                let text = entry.required("call", example: example)
                let matches = matches(entry)
                if text != nil, matches.isEmpty { entry.missing("header", example: "X-Operation") }
                entry.finish()
                guard let text else { return [] }
                return matches.compactMap { match in
                    call(text, match) { entry.report("call", $0, suggestion: "write METHOD /path, such as \(example)") }
                }
            }
        }
    }

    private static func call(_ text: String, _ match: MatchSpec?, report: (String) -> Void) -> PassSpec? {
        let words = text.split(separator: " ")
        guard words.count == 2 else {
            report("'\(text)' is not a call")
            return nil
        }
        return PassSpec(method: String(words[0]), path: String(words[1]), match: match)
    }

    /// `header` or `field` with its one `value`; `nil` when there is neither.
    static func match(_ section: YAMLSection) -> MatchSpec? { match(section, values: section.string("value").map { [$0] } ?? []).first }

    /// `header` or `field` with each of the values in `value`; empty when there is neither.
    private static func matches(_ section: YAMLSection) -> [MatchSpec] { match(section, values: section.strings("value") ?? []) }

    private static func match(_ section: YAMLSection, values: [String]) -> [MatchSpec] {
        let header = section.string("header"), field = section.string("field")
        switch (header, field) {
        case (nil, nil):
            if !values.isEmpty { section.missing("header", example: "X-Operation") }
            return []
        case (_?, _?):
            section.report("field", "give either header or field")
            return []
        default:
            if values.isEmpty { section.missing("value", example: "Publish") }
            let source: MatchSpec.Source = header.map { .header($0.lowercased()) } ?? .field(field ?? "")
            return values.map { MatchSpec(source: source, value: $0) }
        }
    }
}
