import Adapters
import Recipients

extension AdapterReader {
    static func recipient(_ section: YAMLSection) -> RecipientSpec? {
        let at = section.required("at", example: "to[*].email")
        let opaque = section.choice("opaque", OpaquePolicy.self)
        let kind = kind(section, isOpaque: section.has("opaque"))
        let required = section.boolean("required") ?? false
        let location = section.choice("in", RecipientSpec.Location.self)
        let list = section.choice("list", RecipientSpec.ListSyntax.self)
        let repeats = section.boolean("repeat"), otherwise = section.choice("otherwise", OpaquePolicy.self)
        let channels = channels(section, "channels"), mention = section.string("mention")
        let prefixes = prefixes(section), parts = section.strings("parts") ?? []
        if section.has("opaque") {
            for key in ["otherwise", "prefixes", "list", "parts"] where section.has(key) {
                section.report(key, "an opaque slot holds one id: it has no \(key)")
            }
        }
        if section.has("parts") {
            for key in ["otherwise", "prefixes", "list", "repeat"] where section.has(key) {
                section.report(key, "an address in parts is one recipient: it has no \(key)")
            }
        }
        section.finish()
        guard let at, let kind else { return nil }
        var spec = RecipientSpec(at: at, kind: kind.value, required: required, prefixes: prefixes)
        spec.opaque = opaque
        spec.otherwise = otherwise
        spec.channels = channels
        spec.parts = parts.map { $0.hasSuffix("?") ? RecipientSpec.Part(String($0.dropLast()), isOptional: true) : RecipientSpec.Part($0) }
        spec.mention = mention.flatMap { $0 == "false" ? nil : $0 == "true" ? .always : .beside($0) }
        if let location { spec.location = location }
        if let list { spec.list = list }
        if let repeats { spec.repeats = repeats }
        return spec
    }

    /// An id that only the provider understands needs no kind.
    private static func kind(_ section: YAMLSection, isOpaque: Bool) -> (value: IdentifierKind?, Void)? {
        guard section.has("kind") || !isOpaque else { return (.external, ()) }
        guard let name = section.required("kind", example: "phone") else { return nil }
        if name == "any" { return (nil, ()) }
        if let kind = IdentifierKind(name: name) { return (kind, ()) }
        let names = IdentifierKind.allCases.map(\.name) + ["any"]
        section.report(
            "kind", "'\(name)' is not one of \(names.joined(separator: ", "))",
            suggestion: NearestWord.of(name, among: names).map { "did you mean '\($0)'?" })
        return nil
    }

    private static func prefixes(_ section: YAMLSection) -> [PrefixSpec] {
        section.sections("prefixes").compactMap { entry in
            let text = entry.required("text", example: "\"whatsapp:\"")
            let channels = channels(entry, "channels"), opaque = entry.choice("opaque", OpaquePolicy.self)
            entry.finish()
            switch (text, channels, opaque) {
            case (let text?, let channels?, nil): return PrefixSpec(text: text, meaning: .channels(channels))
            case (let text?, nil, let policy?): return PrefixSpec(text: text, meaning: .opaque(policy))
            default:
                entry.report("text", "give either channels or opaque")
                return nil
            }
        }
    }
}
