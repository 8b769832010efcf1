import Adapters

extension AdapterReader {
    static func errors(_ root: YAMLSection) -> ErrorsSpec? {
        guard let section = root.section("errors") else {
            root.missing("errors", example: "{suppressed: ..., refused: ...}")
            return nil
        }
        let suppressed = error(section, "suppressed", hasStatus: true), refused = error(section, "refused", hasStatus: false)
        let codes = codes(section)
        section.finish()
        guard let suppressed, let refused else { return nil }
        return ErrorsSpec(suppressed: suppressed, refused: refused, codes: codes)
    }

    /// What one endpoint says otherwise.
    static func errorsOverride(_ endpoint: YAMLSection) -> ErrorsOverrideSpec? {
        guard let section = endpoint.section("errors") else { return nil }
        var spec = ErrorsOverrideSpec()
        if let entry = section.section("suppressed") {
            spec.suppressed = parts(entry, hasStatus: true)
            entry.finish()
        }
        if let entry = section.section("refused") {
            spec.refused = parts(entry, hasStatus: false)
            entry.finish()
        }
        spec.codes = codes(section)
        section.finish()
        return spec
    }

    private static func error(_ parent: YAMLSection, _ key: String, hasStatus: Bool) -> ErrorSpec? {
        guard let section = parent.section(key) else {
            parent.missing(key, example: "{content_type: application/json, body: '...'}")
            return nil
        }
        let parts = parts(section, hasStatus: hasStatus)
        if hasStatus, !section.has("status") { section.missing("status", example: "400") }
        if !section.has("content_type") { section.missing("content_type", example: "application/json") }
        if !section.has("body") { section.missing("body", example: "'{\"message\":\"{{message}}\"}'") }
        section.finish()
        guard let type = parts.contentType, let body = parts.body, let status = hasStatus ? parts.status : 400 else { return nil }
        var spec = ErrorSpec(status: status, contentType: type, body: body)
        spec.headers = parts.headers ?? []
        spec.escape = parts.escape
        spec.each = parts.each
        return spec
    }

    private static func parts(_ section: YAMLSection, hasStatus: Bool) -> ErrorOverrideSpec {
        var parts = ErrorOverrideSpec()
        if hasStatus {
            parts.status = section.integer("status", in: 200...499)
            parts.each = section.string("each")
        }
        parts.contentType = section.string("content_type")
        parts.body = section.string("body")
        parts.escape = section.choice("escape", ErrorSpec.Escape.self)
        if let table = section.section("headers") {
            parts.headers = table.names().compactMap { name in table.string(name).map { HeaderSpec(name: name, value: $0) } }
        }
        return parts
    }

    private static func codes(_ section: YAMLSection) -> [String: String] {
        guard let table = section.section("codes") else { return [:] }
        var codes: [String: String] = [:]
        for name in table.names() { codes[name] = table.string(name) }
        return codes
    }
}
