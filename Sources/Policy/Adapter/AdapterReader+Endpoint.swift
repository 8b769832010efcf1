import Adapters
import Recipients

extension AdapterReader {
    static func endpoint(_ section: YAMLSection) -> EndpointSpec? {
        let id = section.required("id", example: "messages")
        let method = section.required("method", example: "POST")
        let path = section.required("path", example: "/v1/messages")
        let formats = section.choices("body", EndpointSpec.Format.self)
        if !section.has("body") { section.missing("body", example: "json") }
        var limit = section.size("body_limit")
        if formats == [.none], limit == nil, !section.has("body_limit") { limit = 1 }
        if formats != [.none], !section.has("body_limit") { section.missing("body_limit", example: "1MiB") }
        let mode = section.choice("mode", EndpointSpec.Mode.self)
        if !section.has("mode") { section.missing("mode", example: "single") }
        let channels = channels(section, "channels")
        if !section.has("channels") { section.missing("channels", example: "[sms]") }
        var recipients: [RecipientSpec] = []
        var areComplete = true
        for entry in section.sections("recipients") {
            if let recipient = recipient(entry) { recipients.append(recipient) } else { areComplete = false }
        }
        if !section.has("recipients") { section.missing("recipients", example: "[{at: to, kind: phone}]") }
        let strip = strip(section), overrides = overrides(section)
        let requireOneOf = section.stringLists("require_one_of")
        let contentTypes = section.strings("content_types") ?? []
        let data = section.strings("data") ?? []
        let recipientLimit = section.integer("recipient_limit", in: 1...1_000_000)
        var match: MatchSpec?
        if let entry = section.section("match") {
            if looksIntoBody(entry) {
                match = conditions(entry).map { conditions in
                    let types = contentTypes.map { $0.lowercased() }
                    let body = BodyMatchSpec(formats: formats ?? [], contentTypes: types, bodyLimit: limit ?? 1, conditions: conditions)
                    return MatchSpec(source: .body(body), value: "")
                }
            } else {
                match = Self.match(entry)
                if match == nil, !entry.has("header"), !entry.has("field") { entry.missing("header", example: "X-Operation") }
            }
            entry.finish()
            if match == nil { areComplete = false }
        }
        let signature = signature(section), messageID = messageID(section)
        let scheduled = scheduled(section), idempotency = idempotency(section), results = results(section)
        let errors = errorsOverride(section)
        section.finish()
        guard areComplete, let id, let method, let path, let formats, let first = formats.first, let limit, let mode, let channels
        else { return nil }
        var spec = EndpointSpec(
            id: id, method: method, path: path, format: first, bodyLimit: limit, channels: channels, mode: mode,
            recipients: recipients)
        spec.formats = formats
        spec.match = match
        spec.contentTypes = contentTypes.map { $0.lowercased() }
        spec.requireOneOf = requireOneOf
        spec.strip = strip
        spec.overrides = overrides
        spec.data = data
        spec.signature = signature
        spec.messageID = messageID
        spec.scheduled = scheduled
        spec.idempotency = idempotency
        spec.results = results
        spec.errors = errors
        if let recipientLimit { spec.recipientLimit = recipientLimit }
        return spec
    }

    static func channels(_ section: YAMLSection, _ key: String) -> [Channel]? {
        guard let names = section.strings(key) else { return nil }
        let known = Channel.allCases.map(\.name)
        var channels: [Channel] = []
        for name in names {
            guard let channel = Channel(name: name) else {
                section.report(
                    key, "'\(name)' is not one of \(known.joined(separator: ", "))",
                    suggestion: NearestWord.of(name, among: known).map { "did you mean '\($0)'?" })
                return nil
            }
            channels.append(channel)
        }
        return channels
    }

    private static func strip(_ section: YAMLSection) -> [StripSpec] {
        section.sections("strip").compactMap { entry in
            let remove = entry.required("remove", example: "to[*]"), after = entry.required("when_empty", example: "reject")
            let with = entry.strings("with") ?? [], aligned = entry.strings("aligned") ?? []
            entry.finish()
            guard let remove, let after else { return nil }
            let whenEmpty: StripSpec.WhenEmpty = after == "reject" ? .reject : after == "keep" ? .keep : .remove(after)
            return StripSpec(remove: remove, whenEmpty: whenEmpty, with: with, aligned: aligned)
        }
    }

    private static func overrides(_ section: YAMLSection) -> [OverrideSpec] {
        section.sections("overrides").compactMap { entry in
            let policy = entry.choice("policy", OpaquePolicy.self)
            if !entry.has("policy") { entry.missing("policy", example: "allow") }
            let at = entry.required("at", example: "settings.bypass"), value = entry.string("value")
            entry.finish()
            guard let at, let policy else { return nil }
            return OverrideSpec(at: at, value: value, policy: policy)
        }
    }
}
