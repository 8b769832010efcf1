import Foundation
import Policy
import Testing

/// Mistakes in adapter files: each is named with its line, and what was probably meant.
@Suite struct AdapterReaderTests {
    private static let sound = """
        provider: acme
        hosts: api.acme.example
        prefix: /acme
        origin: https://api.acme.example
        pass: [DELETE /**]
        endpoints:
          - id: send
            method: POST
            path: /send
            body: json
            body_limit: 1MiB
            channels: [sms]
            mode: fanout
            recipients:
              - {at: "to[*]", kind: phone, required: true}
            strip:
              - {remove: "to[*]", when_empty: reject}
            message_id: {member: id}
        errors:
          suppressed: {status: 400, content_type: application/json, body: '{"code":{{code}}}'}
          refused: {content_type: application/json, body: '{"error":"{{message}}"}'}
          codes: {default: 1}
        """

    /// The problems of the file with one text in it replaced by another.
    private func problems(_ old: String, _ new: String) throws -> [PolicyProblem] {
        try #require(Self.sound.contains(old))
        let directory = try PolicyDirectory()
        try directory.write(Self.sound.replacingOccurrences(of: old, with: new), to: "providers/acme.yaml")
        return PolicyLoader.check(directory: directory.path)
    }

    private func check(_ old: String, _ new: String, line: Int, _ message: String, _ suggestion: String? = nil) throws {
        let found = try problems(old, new)
        let problem = try #require(found.first, "\(new)")
        #expect(problem.line == line && problem.column > 0, "\(problem)")
        #expect(problem.message.contains(message), "\(problem)")
        if let suggestion { #expect(problem.suggestion?.contains(suggestion) == true, "\(problem)") }
        #expect(problem.file.hasSuffix("providers/acme.yaml"))
    }

    @Test func theFileIsSound() throws { #expect(try problems("acme", "acme").isEmpty) }

    @Test func aCallToldApartByItsBody() throws {
        func undo(_ entry: String) -> String { "pass: [PUT /c]\nundo:\n  calls:\n    - {call: POST /x, field: A, value: [a, b]}\n    - \(entry)" }
        let old = "pass: [DELETE /**]"
        #expect(try problems(old, undo("{call: PUT /c, when: [{at: off, unless: true}]}")).isEmpty)
        #expect(try problems(old, undo("{call: PUT /c, body: [form, multipart], body_limit: 1KiB, when: [{at: off}]}")).isEmpty)
        try check(old, undo("{call: PUT /c, when: [{att: off}]}"), line: 9, "undo.calls[1].when[0].at is missing")
        try check(old, undo("{call: PUT /c, when: [{at: off, value: a, unless: b}]}"), line: 9, "give either value or unless")
        try check(old, undo("{call: PUT /c, when: [{at: \"a b|c\"}]}"), line: 9, "undo.calls[1].when[0].at: 'a b|c' is not a path")
        try check(old, undo("{call: PUT /c, when: [{at: off, value: a b}]}"), line: 9, "undo.calls[1].when[0]: 'a b' cannot be compared")
        try check(old, undo("{call: PUT /c, when: []}"), line: 9, "name at least one place")
        try check(old, undo("{call: PUT /c, body: [json, form], when: [{at: off}]}"), line: 9, "a body that is looked into is json, or form")
        try check(old, undo("{call: PUT /c, header: X, when: [{at: off}]}"), line: 9, "has no header")
        try check(old, undo("{call: PUT /c, body: json, field: A, value: b}"), line: 9, "only 'when' looks into the body")
        try check(old, undo("{call: PUT /c, wehn: [{at: off}]}"), line: 9, "unknown key 'undo.calls[1].wehn'", "did you mean 'when'?")
        try check(old, "pass: [{call: PUT /c, when: [{at: off}]}]", line: 5, "unknown key 'pass[0].when'")
        try check("body: json", "match: {when: [{at: \"a|b\"}]}\n    body: json", line: 10, "match.when[0].at: 'a|b' is not a path")
        #expect(try problems("pass: [DELETE /**]", "pass: [POST /send]").count == 1)
        try check("message_id:", "scheduled: {at: when, policy: allow, cancel: \"DELETE /x/{batch}\"}\n    message_id:", line: 18, "{batch} has no value", "{body.batch}")
        #expect(try problems("pass: [DELETE /**]\nendpoints:\n  - id: send", "pass: [POST /send]\nendpoints:\n  - match: {when: [{at: to}]}\n    id: send").isEmpty)
    }

    @Test func everyMistakeHasItsLine() throws {
        try check("message_id:", "mesage_id:", line: 18, "unknown key 'endpoints[0].mesage_id'", "did you mean 'message_id'?")
        try check("kind: phone", "kind: phnoe", line: 15, "'phnoe' is not one of", "did you mean 'phone'?")
        try check("kind: phone, required: true", "opaque: alow", line: 15, "'alow' is not one of", "did you mean 'allow'?")
        try check("kind: phone", "kind: phone, list: coma", line: 15, "'coma' is not one of", "did you mean 'comma'?")
        try check("kind: phone", "kind: phone, in: boddy", line: 15, "'boddy' is not one of", "did you mean 'body'?")
        try check("body: json", "body: [form, jason]", line: 10, "'jason' is not one of", "did you mean 'json'?")
        try check("remove: \"to[*]\"", "remove: \"ot[*]\"", line: 17, "no recipient stands at 'ot[*]'", "did you mean 'to[*]'?")
        try check("when_empty: reject", "when_empty: rejcet", line: 17, "must be reject, keep", "did you mean 'reject'?")
        try check("at: \"to[*]\"", "at: \"to[*] | base46\"", line: 15, "'base46' is no decoder", "did you mean 'base64'?")
        try check("codes: {default: 1}", "codes: {defualt: 1}", line: 22, "no refusal has this name", "did you mean 'default'?")
        try check("{{code}}", "{{cod}}", line: 20, "unknown placeholder", "did you mean 'code'?")
        try check("pass: [DELETE /**]", "pass: [{call: POST /x, header: X-Op}]", line: 5, "value is missing")
        try check("pass: [DELETE /**]", "pass: [{call: POST /x}]", line: 5, "header is missing")
        try check("pass: [DELETE /**]", "pass: [DELETE]", line: 5, "is not a call", "METHOD /path")
        try check("message_id: {member: id}", "message_id: {member: id, header: X}", line: 18, "give one of header, member and path")
        try check("message_id: {member: id}", "signature: {kind: sigv4, field: sig}", line: 18, "sigv4 has service")
        try check("message_id: {member: id}", "scheduled: {at: send_at, policy: allow, cancel: stop}", line: 18, "is not a call")
        try check("message_id: {member: id}", "require_one_of: [[to, gruop]]", line: 18, "no recipient stands at 'gruop'")
        try check("body_limit: 1MiB", "recipient_limit: 5", line: 7, "body_limit is missing")
    }
}
