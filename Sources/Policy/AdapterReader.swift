import Adapters
import Recipients

/// Reads one file of `policies/providers/`.
enum AdapterReader {
    static func read(_ file: YAMLFile) -> AdapterSpec? {
        guard let root = file.section() else { return nil }
        let provider = root.required("provider", example: "twilio")
        let hosts = root.strings("hosts")
        if !root.has("hosts") { root.missing("hosts", example: "[api.example.com]") }
        let prefix = root.required("prefix", example: "/example")
        let origin = SettingsReader.origin(root, "origin")
        if !root.has("origin") { root.missing("origin", example: "https://api.example.com") }
        let unmatched = root.choice("unmatched", AdapterSpec.Unmatched.self)
        var pass: [PassSpec] = []
        for rule in root.strings("pass") ?? [] {
            let words = rule.split(separator: " ")
            if words.count == 2 {
                pass.append(PassSpec(method: String(words[0]), path: String(words[1])))
            } else {
                root.report("pass", "'\(rule)' is not a rule", suggestion: "write METHOD /path, such as POST /v3/templates")
            }
        }
        var endpoints: [EndpointSpec] = []
        var areComplete = true
        for section in root.sections("endpoints") {
            if let endpoint = endpoint(section) { endpoints.append(endpoint) } else { areComplete = false }
        }
        if !root.has("endpoints") { root.missing("endpoints", example: "[...]") }
        let errors = errors(root)
        root.finish()
        guard areComplete, let provider, let hosts, let prefix, let origin, let errors else { return nil }
        var spec = AdapterSpec(
            provider: provider, file: file.name, hosts: hosts, prefix: prefix, origin: origin, errors: errors)
        spec.pass = pass
        spec.endpoints = endpoints
        if let unmatched { spec.unmatched = unmatched }
        return spec
    }

    private static func endpoint(_ section: YAMLSection) -> EndpointSpec? {
        let id = section.required("id", example: "messages")
        let method = section.required("method", example: "POST")
        let path = section.required("path", example: "/v1/messages")
        let format = section.choice("body", EndpointSpec.Format.self)
        if !section.has("body") { section.missing("body", example: "json") }
        let limit = section.size("body_limit")
        if !section.has("body_limit") { section.missing("body_limit", example: "1MiB") }
        let mode = section.choice("mode", EndpointSpec.Mode.self)
        if !section.has("mode") { section.missing("mode", example: "single") }
        let channels = channels(section, "channels")
        if !section.has("channels") { section.missing("channels", example: "[sms]") }
        var recipients: [RecipientSpec] = []
        var areComplete = true
        for entry in section.sections("recipients") {
            if let recipient = recipient(entry) { recipients.append(recipient) } else { areComplete = false }
        }
        var strip: [StripSpec] = []
        for entry in section.sections("strip") {
            if let remove = entry.required("remove", example: "to[*]"), let after = entry.required("when_empty", example: "reject") {
                strip.append(StripSpec(remove: remove, whenEmpty: after == "reject" ? .reject : .remove(after)))
            }
            entry.finish()
        }
        var overrides: [OverrideSpec] = []
        for entry in section.sections("overrides") {
            let policy = entry.choice("policy", OverrideSpec.Policy.self)
            if !entry.has("policy") { entry.missing("policy", example: "allow") }
            if let at = entry.required("at", example: "settings.bypass"), let policy {
                overrides.append(OverrideSpec(at: at, policy: policy))
            }
            entry.finish()
        }
        let data = section.strings("data") ?? []
        let header = section.string("signature_header")
        let recipientLimit = section.integer("recipient_limit", in: 1...1_000_000)
        let messageID = messageID(section)
        section.finish()
        guard areComplete, let id, let method, let path, let format, let limit, let mode, let channels else { return nil }
        var spec = EndpointSpec(
            id: id, method: method, path: path, format: format, bodyLimit: limit, channels: channels, mode: mode,
            recipients: recipients)
        spec.strip = strip
        spec.overrides = overrides
        spec.data = data
        spec.signatureHeader = header
        spec.messageID = messageID
        if let recipientLimit { spec.recipientLimit = recipientLimit }
        return spec
    }

    private static func recipient(_ section: YAMLSection) -> RecipientSpec? {
        let at = section.required("at", example: "to[*].email")
        var kind: IdentifierKind?
        if let name = section.required("kind", example: "phone") {
            kind = IdentifierKind(name: name)
            if kind == nil {
                let names = IdentifierKind.allCases.map(\.name)
                section.report(
                    "kind", "'\(name)' is not one of \(names.joined(separator: ", "))",
                    suggestion: NearestWord.of(name, among: names).map { "did you mean '\($0)'?" })
            }
        }
        let required = section.boolean("required") ?? false
        var prefixes: [PrefixSpec] = []
        for entry in section.sections("prefixes") {
            let text = entry.required("text", example: "\"whatsapp:\"")
            let channels = channels(entry, "channels"), opaque = entry.choice("opaque", OpaquePolicy.self)
            switch (text, channels, opaque) {
            case (let text?, let channels?, nil): prefixes.append(PrefixSpec(text: text, meaning: .channels(channels)))
            case (let text?, nil, let policy?): prefixes.append(PrefixSpec(text: text, meaning: .opaque(policy)))
            default: entry.report("text", "give either channels or opaque")
            }
            entry.finish()
        }
        section.finish()
        guard let at, let kind else { return nil }
        return RecipientSpec(at: at, kind: kind, required: required, prefixes: prefixes)
    }

    private static func channels(_ section: YAMLSection, _ key: String) -> [Channel]? {
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

    private static func messageID(_ section: YAMLSection) -> MessageID? {
        guard let entry = section.section("message_id") else { return nil }
        let header = entry.string("header"), member = entry.string("member")
        entry.finish()
        switch (header, member) {
        case (let header?, nil): return .header(header.lowercased())
        case (nil, let member?): return .member(member)
        default:
            section.report("message_id", "give either header or member")
            return nil
        }
    }

    private static func errors(_ root: YAMLSection) -> ErrorsSpec? {
        guard let section = root.section("errors") else {
            root.missing("errors", example: "{suppressed: ..., refused: ...}")
            return nil
        }
        let suppressed = error(section, "suppressed", hasStatus: true), refused = error(section, "refused", hasStatus: false)
        var codes: [String: String] = [:]
        if let table = section.section("codes") {
            for name in table.names() { codes[name] = table.string(name) }
        }
        section.finish()
        guard let suppressed, let refused else { return nil }
        return ErrorsSpec(suppressed: suppressed, refused: refused, codes: codes)
    }

    private static func error(_ parent: YAMLSection, _ key: String, hasStatus: Bool) -> ErrorSpec? {
        guard let section = parent.section(key) else {
            parent.missing(key, example: "{content_type: application/json, body: '...'}")
            return nil
        }
        let status = hasStatus ? section.integer("status", in: 400...499) : 400
        if hasStatus, !section.has("status") { section.missing("status", example: "400") }
        let type = section.required("content_type", example: "application/json")
        let body = section.required("body", example: "'{\"message\":\"{{message}}\"}'")
        section.finish()
        guard let status, let type, let body else { return nil }
        return ErrorSpec(status: status, contentType: type, body: body)
    }
}
