import Adapters

/// Calls that are no sends, and what tells calls apart.
extension AdapterReader {
    /// A list of `METHOD /path`, or of `{call: METHOD /path, header or field: NAME, value: TEXT}`, where `value` may be a list of
    /// texts: then it is one call for each.
    /// - Parameter readsBodies: whether `{call: METHOD /path, when: [...]}` has a meaning, too.
    static func calls(_ section: YAMLSection, _ key: String, example: String, readsBodies: Bool = false) -> [PassSpec] {
        section.entries(key).enumerated().flatMap { index, entry -> [PassSpec] in
            var found: [PassSpec] = []
            switch entry {
            case .text(let text, let path, let mark):
                let call = call(text, nil) { section.file.report("\(path): \($0)", mark, suggestion: "write METHOD /path, such as \(example)") }
                found = call.map { [$0] } ?? []
            case .section(let entry):
                let text = entry.required("call", example: example)
                let looks = readsBodies && looksIntoBody(entry, ["body", "body_limit", "content_types"])
                let matches = looks ? bodyMatch(entry).map { [$0] } ?? [] : Self.matches(entry)
                entry.finish()
                if text != nil, matches.isEmpty, !looks { entry.missing("header", example: "X-Operation") }
                guard let text else { break }
                found = matches.compactMap { match in
                    call(text, match) { entry.report("call", $0, suggestion: "write METHOD /path, such as \(example)") }
                }
            }
            return found.map { call in
                var call = call
                call.entry = index
                return call
            }
        }
    }

    /// Whether the section has `when`, and so neither `header` nor `field`; without it none of `others` has a meaning.
    static func looksIntoBody(_ section: YAMLSection, _ others: [String] = []) -> Bool {
        let isThere = section.has("when")
        for key in isThere ? ["header", "field", "value"] : others where section.has(key) {
            section.report(key, isThere ? "a call that 'when' tells apart has no \(key)" : "only 'when' looks into the body")
        }
        // They are known keys all the same.
        for key in ["header", "field", "value"] + others { _ = section.has(key) }
        return isThere
    }

    /// What the body of a call has to say: `when` and how the body is written.
    private static func bodyMatch(_ section: YAMLSection) -> MatchSpec? {
        let conditions = conditions(section)
        let formats = section.choices("body", EndpointSpec.Format.self), limit = section.size("body_limit")
        let types = section.strings("content_types") ?? []
        guard let conditions, !section.has("body") || formats != nil, !section.has("body_limit") || limit != nil else { return nil }
        let spec = BodyMatchSpec(
            formats: formats ?? [.json], contentTypes: types.map { $0.lowercased() }, bodyLimit: limit ?? 1 << 20, conditions: conditions)
        return MatchSpec(source: .body(spec), value: "")
    }

    /// A list of `{at: PLACE, value or unless: TEXTS}`.
    /// - Returns: `nil` when one of them was reported.
    static func conditions(_ section: YAMLSection) -> [BodyMatchSpec.Condition]? {
        var conditions: [BodyMatchSpec.Condition] = []
        var areComplete = true
        for entry in section.sections("when") {
            let at = entry.required("at", example: "attributes[*].email_subscribe")
            let values = entry.strings("value"), others = entry.strings("unless")
            if values != nil, others != nil { entry.report("unless", "give either value or unless") }
            entry.finish()
            guard let at, values == nil || others == nil else {
                areComplete = false
                continue
            }
            conditions.append(BodyMatchSpec.Condition(at: at, test: values.map { .anyOf($0) } ?? others.map { .noneOf($0) } ?? .present))
        }
        return areComplete ? conditions : nil
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
