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

    /// The schema of adapters and their reader know exactly the same keys, in every section there is.
    @Test func theAdapterSchemaNamesTheKeysOfTheReader() throws {
        let schema = try Self.schema("provider")
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        var sections: [String: Set<String>] = [:]
        var sample = try #require(Self.sample(schema, definitions) as? [String: Any])
        sample = try #require(Self.spoil(sample, schema, definitions, "", &sections) as? [String: Any])
        #expect(sections.count > 15)
        let directory = try PolicyDirectory()
        try directory.write(String(decoding: JSONSerialization.data(withJSONObject: sample), as: UTF8.self), to: "providers/acme.yaml")
        let problems = PolicyLoader.check(directory: directory.path)
        var seen: Set<String> = []
        for problem in problems where problem.message.hasPrefix("unknown key") {
            let path = try #require(problem.message.split(separator: "'").last).dropLast("spoilt-key".count)
            seen.insert(String(path))
            let known = try #require(problem.suggestion?.split(separator: ": ").last).split(separator: ", ")
            #expect(Set(known.map(String.init)) == sections[String(path)], "\(path)")
        }
        #expect(seen == Set(sections.keys))
        #expect(!problems.contains { $0.line == 0 && $0.message.contains("unknown") })
    }

    /// `value` with a key nobody knows in every object that has fixed keys; notes those objects and their keys.
    private static func spoil(
        _ value: Any, _ schema: [String: Any], _ definitions: [String: [String: Any]], _ path: String, _ sections: inout [String: Set<String>]
    ) -> Any {
        if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last {
            return spoil(value, definitions[String(name)] ?? [:], definitions, path, &sections)
        }
        if schema["type"] == nil, let choices = schema["oneOf"] as? [[String: Any]], let first = choices.first {
            return spoil(value, first, definitions, path, &sections)
        }
        if let object = value as? [String: Any], let properties = schema["properties"] as? [String: [String: Any]] {
            sections[path.isEmpty ? "" : path + "."] = Set(properties.keys)
            var spoilt: [String: Any] = ["spoilt-key": 1]
            for (key, value) in object {
                spoilt[key] = spoil(value, properties[key] ?? [:], definitions, path.isEmpty ? key : "\(path).\(key)", &sections)
            }
            return spoilt
        }
        if let items = value as? [Any], let itemSchema = schema["items"] as? [String: Any] {
            return items.enumerated().map { spoil($1, itemSchema, definitions, "\(path)[\($0)]", &sections) }
        }
        return value
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
        if schema["type"] == nil, let choices = schema["oneOf"] as? [[String: Any]], let first = choices.first { return sample(first, definitions) }
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
            if pattern.contains(" /") { return "POST /path" }
            if pattern.contains("A-Z") { return "US" }
            return pattern.contains("/") ? "/path" : "host.example:443"
        }
    }
}
