extension Endpoint {
    /// Refuses what the language can say and the gate cannot do yet: an adapter must never seem to guard what it does not.
    static func checkSupport(_ spec: EndpointSpec) throws(AdapterProblem) {
        func absent(_ isAbsent: Bool, _ path: String, _ what: String) throws(AdapterProblem) {
            guard isAbsent else { throw AdapterProblem(path, "\(what) cannot be judged by this version") }
        }
        try absent(!spec.formats.contains(.multipart), "body", "a multipart body")
        guard !spec.formats.contains(.mime) || spec.formats == [.mime] && spec.recipients.filter({ $0.location == .body }).count <= 1 else {
            throw AdapterProblem("body", "a message is the whole body and its headers are one slot: mime, base64 | mime or mime | To")
        }
        let isForm = spec.formats.contains(.form)
        for (index, strip) in spec.strip.enumerated() where isForm {
            try absent(strip.with.isEmpty, "strip[\(index)].with", "what goes from a form with a recipient")
        }
    }
}
