extension Endpoint {
    /// Refuses what the language can say and the gate cannot do yet: an adapter must never seem to guard what it does not.
    static func checkSupport(_ spec: EndpointSpec) throws(AdapterProblem) {
        func absent(_ isAbsent: Bool, _ path: String, _ what: String) throws(AdapterProblem) {
            guard isAbsent else { throw AdapterProblem(path, "\(what) cannot be judged by this version") }
        }
        try absent(!spec.formats.contains { $0 == .multipart || $0 == .mime }, "body", "a multipart or MIME body")
        let isForm = !spec.formats.contains(.json)
        try absent(isForm || spec.scheduled == nil, "scheduled", "sends for later")
        try absent(spec.idempotency == nil, "idempotency", "idempotency keys")
        try absent(spec.results == nil, "results", "results for single recipients")
        try absent(spec.errors == nil, "errors", "errors of one endpoint")
        switch spec.signature {
        case nil, .header: break
        case .sigv4, .vonage: try absent(false, "signature", "a signature inside the request")
        }
        if case .path = spec.messageID { try absent(false, "message_id", "a message id by path") }
        for (index, slot) in spec.recipients.enumerated() {
            let path = "recipients[\(index)]"
            try absent(try Place(slot.at, path: "\(path).at").decoders.isEmpty, "\(path).at", "text inside text")
            try absent(slot.location != .body || isForm || slot.list == .one, "\(path).list", "a text with several recipients")
        }
        for (index, strip) in spec.strip.enumerated() {
            let path = "strip[\(index)]"
            try absent(strip.with.isEmpty, "\(path).with", "members that go with a recipient")
            try absent(isForm || strip.aligned.isEmpty, "\(path).aligned", "aligned lists")
            try absent(isForm || strip.whenEmpty != .keep, "\(path).when_empty", "keep")
        }
        for (index, override) in spec.overrides.enumerated() {
            try absent(isForm || override.value == nil, "overrides[\(index)].value", "one value of a switch")
        }
    }
}
