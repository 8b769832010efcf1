extension Endpoint {
    /// Refuses what the language can say and the gate cannot do yet: an adapter must never seem to guard what it does not.
    static func checkSupport(_ spec: EndpointSpec) throws(AdapterProblem) {
        guard !spec.formats.contains(.mime) || spec.formats == [.mime] && spec.recipients.filter({ $0.location == .body }).count <= 1 else {
            throw AdapterProblem("body", "a message is the whole body and its headers are one slot: mime, base64 | mime or mime | To")
        }
        for (index, slot) in spec.recipients.enumerated() {
            let path = "recipients[\(index)]"
            guard spec.formats != [.none] || slot.location != .body else {
                throw AdapterProblem("\(path).at", "'\(slot.at)' stands in the body, and this send has none", suggestion: "add in: query, path or header")
            }
            let isForm = spec.formats.contains { $0 == .form || $0 == .multipart }
            guard slot.parts.isEmpty || !isForm || spec.mode != .fanout && !slot.at.contains("[") else {
                throw AdapterProblem("\(path).parts", "a form has one address, which nothing can be taken out of", suggestion: "write mode: single, and a place outside of lists")
            }
            let isField = slot.location == .query || slot.location == .body && spec.formats.allSatisfy { $0 == .form || $0 == .multipart }
            guard isField || !slot.repeats else {
                throw AdapterProblem("\(path).repeat", "only form fields repeat", suggestion: "of a JSON list write its items: to[*]")
            }
            guard spec.formats.contains(.json) || slot.location != .body || !slot.at.contains("[*]") || slot.at.contains("|") else {
                throw AdapterProblem("\(path).at", "'\(slot.at)' is a place in JSON, and the body is a form", suggestion: "write a field's name, with [#] for a number: to[#], member.[#]")
            }
            guard !spec.formats.contains(.json) || slot.location != .body || !slot.at.contains("[#]") else {
                throw AdapterProblem("\(path).at", "'\(slot.at)' is a form field, and the body is JSON too", suggestion: "write the items of a list as to[*]")
            }
        }
        let isForm = spec.formats.contains { $0 == .form || $0 == .multipart }
        for (index, strip) in spec.strip.enumerated() where isForm {
            guard strip.with.isEmpty else { throw NestedSlot.noWith("strip[\(index)].with") }
        }
    }
}
