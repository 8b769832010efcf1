import Adapters

/// What an endpoint says about signatures, retries, sends for later and the provider's answers.
extension AdapterReader {
    static func signature(_ section: YAMLSection) -> SignatureSpec? {
        let short = section.string("signature_header")
        guard let entry = section.section("signature") else { return short.map { .header($0.lowercased()) } }
        if short != nil { section.report("signature_header", "give either signature or signature_header") }
        let kind = entry.choice("kind", SignatureKind.self)
        if !entry.has("kind") { entry.missing("kind", example: "header") }
        defer { entry.finish() }
        let values = ["header", "service", "field"].map { entry.string($0) }
        guard let kind else { return nil }
        for (key, value) in zip(["header", "service", "field"], values) where value != nil && key != kind.key {
            entry.report(key, "kind \(kind.rawValue) has \(kind.key), not \(key)")
        }
        guard let value = entry.required(kind.key, example: kind.example) else { return nil }
        switch kind {
        case .header: return .header(value.lowercased())
        case .sigv4: return .sigv4(service: value)
        case .vonage: return .vonage(field: value)
        }
    }

    private enum SignatureKind: String, CaseIterable {
        case header, sigv4, vonage

        var key: String {
            switch self {
            case .header: "header"
            case .sigv4: "service"
            case .vonage: "field"
            }
        }

        var example: String {
            switch self {
            case .header: "X-Signature"
            case .sigv4: "ses"
            case .vonage: "sig"
            }
        }
    }

    static func messageID(_ section: YAMLSection) -> MessageID? {
        guard let entry = section.section("message_id") else { return nil }
        let header = entry.string("header"), member = entry.string("member"), path = entry.string("path")
        entry.finish()
        switch (header, member, path) {
        case (let header?, nil, nil): return .header(header.lowercased())
        case (nil, let member?, nil): return .member(member)
        case (nil, nil, let path?): return .path(path)
        default:
            section.report("message_id", "give one of header, member and path")
            return nil
        }
    }

    static func scheduled(_ section: YAMLSection) -> ScheduledSpec? {
        guard let entry = section.section("scheduled") else { return nil }
        let at = entry.strings("at"), policy = entry.choice("policy", OpaquePolicy.self)
        if !entry.has("at") { entry.missing("at", example: "[send_at]") }
        if !entry.has("policy") { entry.missing("policy", example: "allow") }
        var cancel: CallSpec?
        if let text = entry.string("cancel") {
            cancel = CallSpec(text)
            if cancel == nil {
                entry.report("cancel", "'\(text)' is not a call", suggestion: "write METHOD /path and the body if there is one")
            }
        }
        entry.finish()
        guard let at, let policy else { return nil }
        return ScheduledSpec(at: at, policy: policy, cancel: cancel)
    }

    static func idempotency(_ section: YAMLSection) -> IdempotencySpec? {
        guard let entry = section.section("idempotency") else { return nil }
        let header = entry.string("header"), at = entry.string("at")
        entry.finish()
        switch (header, at) {
        case (let header?, nil): return .header(header.lowercased())
        case (nil, let at?): return .at(at)
        default:
            section.report("idempotency", "give either header or at")
            return nil
        }
    }

    static func results(_ section: YAMLSection) -> ResultsSpec? {
        guard let entry = section.section("results") else { return nil }
        let of = entry.required("of", example: "\"messages[*]\""), at = entry.required("at", example: "\"results[*]\"")
        let blocked = entry.required("blocked", example: "'{\"to\":\"{{recipient}}\",\"status\":\"rejected\"}'")
        let status = entry.integer("status", in: 200...299)
        entry.finish()
        guard let of, let at, let blocked else { return nil }
        return ResultsSpec(of: of, at: at, blocked: blocked, status: status)
    }
}
