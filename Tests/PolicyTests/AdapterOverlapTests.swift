import Foundation
import Policy
import Testing

/// Calls that get into each other's way, and places that the body cannot have: each named with its line and what to do.
@Suite struct AdapterOverlapTests {
    private static let head = """
        provider: acme
        hosts: api.acme.example
        prefix: /acme
        origin: https://api.acme.example
        errors:
          suppressed: {status: 400, content_type: application/json, body: '{"code":1}'}
          refused: {content_type: application/json, body: '{"error":"{{message}}"}'}
        """

    private static func endpoint(_ id: String, _ path: String, _ more: String = "", method: String = "POST") -> String {
        """
          - {id: \(id), method: \(method), path: "\(path)", body: form, body_limit: 1MiB, channels: [sms], mode: single,
             recipients: [{at: To, kind: phone}]\(more)}
        """
    }

    private func problems(pass: String = "", undo: String = "", _ endpoints: String...) throws -> [PolicyProblem] {
        let directory = try PolicyDirectory()
        let text = Self.head + (pass.isEmpty ? "" : "\npass: [\(pass)]") + (undo.isEmpty ? "" : "\nundo: {calls: [\(undo)]}") + "\nendpoints:\n" + endpoints.joined(separator: "\n")
        try directory.write(text, to: "providers/acme.yaml")
        return PolicyLoader.check(directory: directory.path)
    }

    private func expect(_ problems: [PolicyProblem], line: Int, _ message: String, _ suggestion: String) {
        let problem = problems.first
        #expect(problems.count == 1 && problem?.line == line && (problem?.column ?? 0) > 0, "\(problems)")
        #expect(problem?.message.contains(message) == true, "\(problems)")
        #expect(problem?.suggestion?.contains(suggestion) == true, "\(problems)")
    }

    private let publish = ", match: {field: Action, value: Publish}", send = ", match: {field: Action, value: Send}"

    @Test func endpointsThatOverlap() throws {
        for (a, b) in [("/v1/a", "/v1/a"), ("/v1/a.json", "/v1/A.xml"), ("/v1/{x}/b", "/v1/a/{y}"), ("/v1/{x}", "/v1/a"), ("/v1/{a|b}", "/v1/b")] {
            expect(
                try problems(Self.endpoint("one", a), Self.endpoint("two", b)), line: 11, "the endpoint 'two' overlaps with 'one'", "give both a match")
        }
        #expect(try problems(Self.endpoint("one", "/v1/a"), Self.endpoint("two", "/v1/b")).isEmpty)
        #expect(try problems(Self.endpoint("one", "/v1/a"), Self.endpoint("two", "/v1/a", method: "PUT")).isEmpty)
        #expect(try problems(Self.endpoint("one", "/v1.0/a"), Self.endpoint("two", "/v1.1/a")).isEmpty)
        // The narrower one first, which the order tells apart.
        #expect(try problems(Self.endpoint("one", "/v1/a"), Self.endpoint("two", "/v1/{x}")).isEmpty)
        #expect(try problems(Self.endpoint("one", "/", publish), Self.endpoint("two", "/", send)).isEmpty)
        #expect(try problems(Self.endpoint("one", "/", publish), Self.endpoint("rest", "/")).isEmpty)
        expect(try problems(Self.endpoint("rest", "/"), Self.endpoint("one", "/", publish)), line: 11, "overlaps with 'rest'", "put the endpoint that has a match first")
        expect(try problems(Self.endpoint("one", "/", publish), Self.endpoint("two", "/", publish)), line: 11, "overlaps with 'one'", "put")
        let header = ", match: {header: X-Op, value: Publish}"
        expect(try problems(Self.endpoint("one", "/", publish), Self.endpoint("two", "/", header)), line: 11, "overlaps with 'one'", "put")
    }

    @Test func callsThatAreNeverReached() throws {
        expect(
            try problems(pass: "POST /v1/a", Self.endpoint("one", "/v1/{x}")), line: 8, "pass[0]: this call never passes: the endpoint 'one'", "remove it")
        expect(
            try problems(pass: "DELETE /x, POST /", Self.endpoint("one", "/", publish)), line: 8, "pass[1]: this call never passes", "say which of the calls")
        #expect(try problems(pass: "{call: POST /, field: Action, value: [List, Get]}", Self.endpoint("one", "/", publish)).isEmpty)
        expect(
            try problems(pass: "{call: POST /, field: Action, value: [List, Publish]}", Self.endpoint("one", "/", publish)), line: 8, "pass[0]: this call never passes", "say which")
        #expect(try problems(pass: "POST /**", Self.endpoint("one", "/v1/a")).isEmpty)
        expect(
            try problems(undo: "POST /v1/**", Self.endpoint("one", "/v1/a")), line: 10, "the endpoint 'one' is never reached: undo.calls[0]", "narrower")
        expect(
            try problems(pass: "\"DELETE /optouts/{id}\"", undo: "\"DELETE /optouts/{id}\"", Self.endpoint("one", "/v1/a")), line: 8, "pass[0]: this call never passes: undo.calls[0]",
            "remove one")
        #expect(try problems(pass: "DELETE /**", undo: "\"DELETE /optouts/{id}\"", Self.endpoint("one", "/v1/a")).isEmpty)
    }

    @Test func placesTheRequestCannotHave() throws {
        func change(_ old: String, _ new: String) throws -> [PolicyProblem] {
            try problems(Self.endpoint("one", "/v1/{number}").replacingOccurrences(of: old, with: new))
        }
        expect(try change("at: To", "at: \"to[*]\""), line: 10, "is a place in JSON, and the body is a form", "to[#]")
        expect(try change("body: form", "body: none"), line: 10, "stands in the body, and this send has none", "in: query, path or header")
        expect(try change("at: To", "at: numbre, in: path"), line: 10, "the path has no segment {numbre}", "did you mean 'number'?")
        let json = Self.endpoint("one", "/v1/a").replacingOccurrences(of: "body: form", with: "body: json")
        expect(try problems(json.replacingOccurrences(of: "at: To", with: "at: \"to[#]\"")), line: 10, "is a form field, and the body is JSON", "to[*]")
        expect(try problems(json.replacingOccurrences(of: "at: To", with: "at: to, repeat: true")), line: 10, "only form fields repeat", "to[*]")
        #expect(try change("at: To", "at: number, in: path").isEmpty)
    }
}
