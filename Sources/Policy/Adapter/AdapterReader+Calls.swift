import Adapters

/// Calls that are no sends, and what tells calls apart.
extension AdapterReader {
    /// A list of `METHOD /path`, or of `{call: METHOD /path, header or field: NAME, value: TEXT}`.
    static func calls(_ section: YAMLSection, _ key: String, example: String) -> [PassSpec] {
        section.entries(key).compactMap { entry in
            switch entry {
            case .text(let text, let path, let mark):
                return call(text, nil) { section.file.report("\(path): \($0)", mark, suggestion: "write METHOD /path, such as \(example)") }
            case .section(let entry):
                let text = entry.required("call", example: example)
                let match = match(entry)
                if text != nil, match == nil { entry.missing("header", example: "X-Operation") }
                entry.finish()
                guard let text, let match else { return nil }
                return call(text, match) { entry.report("call", $0, suggestion: "write METHOD /path, such as \(example)") }
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

    /// `header` or `field` with its `value`; `nil` when there is neither.
    static func match(_ section: YAMLSection) -> MatchSpec? {
        let header = section.string("header"), field = section.string("field"), value = section.string("value")
        switch (header, field) {
        case (nil, nil):
            if value != nil { section.missing("header", example: "X-Operation") }
            return nil
        case (_?, _?):
            section.report("field", "give either header or field")
            return nil
        default:
            guard let value else {
                section.missing("value", example: "Publish")
                return nil
            }
            return MatchSpec(source: header.map { .header($0.lowercased()) } ?? .field(field ?? ""), value: value)
        }
    }
}
