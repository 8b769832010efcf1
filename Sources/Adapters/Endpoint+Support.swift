extension Endpoint {
    /// Refuses what the language can say and the gate cannot do yet: an adapter must never seem to guard what it does not.
    static func checkSupport(_ spec: EndpointSpec) throws(AdapterProblem) {
        func absent(_ isAbsent: Bool, _ path: String, _ what: String) throws(AdapterProblem) {
            guard isAbsent else { throw AdapterProblem(path, "\(what) cannot be judged by this version") }
        }
        try absent(spec.match == nil, "match", "endpoints told apart by a header or a field")
        try absent(spec.formats == [.form] || spec.formats == [.json], "body", "a body other than one form or one JSON document")
        try absent(spec.contentTypes.isEmpty || spec.formats == [.json], "content_types", "another media type for this body")
        try absent(spec.scheduled == nil, "scheduled", "sends for later")
        try absent(spec.idempotency == nil, "idempotency", "idempotency keys")
        try absent(spec.results == nil, "results", "results for single recipients")
        switch spec.signature {
        case nil, .header: break
        case .sigv4, .vonage: try absent(false, "signature", "a signature inside the request")
        }
        if case .path = spec.messageID { try absent(false, "message_id", "a message id by path") }
        let takesLists = spec.formats == [.json]
        for (index, slot) in spec.recipients.enumerated() {
            let path = "recipients[\(index)]"
            let isPlain = try Place(slot.at, path: "\(path).at").decoders.isEmpty
            try absent(takesLists || isPlain, "\(path).at", "text inside text")
            try absent(slot.location == .body, "\(path).in", "a place outside of the body")
            try absent(
                slot.list == .one || takesLists, "\(path).list", "a text with several recipients")
            try absent(!slot.repeats, "\(path).repeat", "a field that repeats")
        }
    }
}
