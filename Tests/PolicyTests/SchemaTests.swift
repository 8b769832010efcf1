import Foundation
import Policy
import Testing

/// The JSON Schemas are for editors; the loader is what counts. This keeps the two from drifting apart.
@Suite struct SchemaTests {
    /// Every key the schema of stopgate.yaml names is one the loader knows, with a value the loader takes.
    @Test func everyKeyOfTheSettingsSchemaIsKnown() throws {
        let schema = try Self.schema("stopgate")
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        let directory = try PolicyDirectory()
        let sample = Self.sample(schema, definitions)
        // JSON is YAML.
        let text = try String(decoding: JSONSerialization.data(withJSONObject: sample), as: UTF8.self)
        try directory.write(text, to: "stopgate.yaml")
        let problems = PolicyLoader.check(directory: directory.path).filter {
            // The sample names made-up providers, and both ways to give one token.
            !$0.message.contains("no file in providers") && !$0.message.contains("not both")
        }
        #expect(problems.isEmpty, "\(PolicyProblems(problems))")
    }

    /// Every limit the shipped defaults have is in the schema.
    @Test func everyLimitHasAKey() throws {
        let properties = try #require(try Self.schema("stopgate")["properties"] as? [String: [String: Any]])
        let limits = try #require(properties["limits"]?["properties"] as? [String: [String: Any]])
        #expect(limits.count == Mirror(reflecting: Limits()).children.count)
        let http2 = try #require(limits["http2"]?["properties"] as? [String: Any])
        #expect(http2.count == Mirror(reflecting: HTTP2Limits()).children.count)
        let inspection = try #require(limits["inspection"]?["properties"] as? [String: Any])
        #expect(inspection.count == Mirror(reflecting: InspectionLimits()).children.count)
    }

    private static func schema(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(ShippedPoliciesTests.directory)/schema/\(name).json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// A value that fits `schema`, with every property there is.
    private static func sample(_ schema: [String: Any], _ definitions: [String: [String: Any]]) -> Any {
        if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last {
            return sample(definitions[String(name)] ?? [:], definitions)
        }
        if let choices = schema["enum"] as? [Any], let first = choices.first { return first }
        if let examples = schema["examples"] as? [Any], let first = examples.first { return first }
        if let choices = schema["oneOf"] as? [[String: Any]], let first = choices.first { return sample(first, definitions) }
        switch schema["type"] as? String {
        case "object":
            var object: [String: Any] = [:]
            for (key, value) in schema["properties"] as? [String: [String: Any]] ?? [:] { object[key] = sample(value, definitions) }
            if let rest = schema["additionalProperties"] as? [String: Any] { object["made-up"] = sample(rest, definitions) }
            return object
        case "array": return [sample(schema["items"] as? [String: Any] ?? [:], definitions)]
        case "integer": return schema["minimum"] as? Int ?? 1
        case "boolean": return true
        default:
            let pattern = schema["pattern"] as? String ?? ""
            if pattern.contains("ms|s") { return "1s" }
            if pattern.contains("KiB") { return "1KiB" }
            if pattern.contains("http") { return "https://stop.example.com" }
            if pattern.contains("A-Z") { return "US" }
            return pattern.contains("/") ? "/path" : "host.example:443"
        }
    }
}
