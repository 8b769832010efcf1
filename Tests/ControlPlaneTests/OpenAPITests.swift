import Foundation
import Testing
import Yams

@testable import ControlPlane

/// docs/openapi.yaml says what the gate does: the same routes, the same scopes, the same parameters, the same members.
@Suite struct OpenAPITests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/openapi.yaml").standardized
    private static let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options", "trace"]

    private struct Operation: Hashable, CustomStringConvertible {
        var method: String
        var path: String
        var scope: String
        var parameters: Set<String>
        var description: String { "\(method) \(path) scope \(scope) parameters \(parameters.sorted())" }
    }

    private func document() throws -> [String: Any] {
        try #require(try Yams.load(yaml: try String(contentsOf: Self.path, encoding: .utf8)) as? [String: Any])
    }

    /// The value that a local reference names.
    private func resolve(_ value: Any?, _ document: [String: Any]) throws -> [String: Any] {
        let object = try #require(value as? [String: Any])
        guard let reference = object["$ref"] as? String else { return object }
        var found: Any = document
        for part in reference.dropFirst(2).split(separator: "/") { found = try #require((found as? [String: Any])?[String(part)]) }
        return try #require(found as? [String: Any])
    }

    @Test func everyRouteIsInTheDocumentAndEveryRouteOfTheDocumentIsThere() async throws {
        let document = try document()
        var described: Set<Operation> = []
        for (path, value) in try #require(document["paths"] as? [String: Any]) {
            let item = try #require(value as? [String: Any])
            for (method, value) in item where Self.methods.contains(method) {
                let operation = try #require(value as? [String: Any])
                let parameters = try ((operation["parameters"] as? [Any] ?? []) + (item["parameters"] as? [Any] ?? [])).map { try resolve($0, document) }
                let query = parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String }
                let inPath = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
                #expect(Set(inPath) == Set(path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }), "\(path)")
                described.insert(Operation(
                    method: method.uppercased(), path: path, scope: try #require(operation["x-scope"] as? String, "\(method) \(path)"),
                    parameters: Set(query)))
            }
        }
        let gate = try await TestGate()
        let made = gate.runtime.adminRoutes.map { Operation(method: $0.method, path: $0.path, scope: $0.scope.rawValue, parameters: Set($0.parameters)) }
        await gate.end()
        #expect(Set(made).subtracting(described) == [], "the document lacks these")
        #expect(described.subtracting(made) == [], "the gate lacks these")
        #expect(Set(made).count == made.count)
    }

    @Test func bodiesHaveTheMembersOfTheDocument() throws {
        let document = try document()
        let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
        for (name, members) in [
            ("SuppressionOrder", SuppressionOrder.members), ("LinkOrder", LinkOrder.members), ("ListOrder", ListOrder.members),
        ] {
            let schema = try #require(schemas[name] as? [String: Any])
            #expect(Set(try #require(schema["properties"] as? [String: Any]).keys) == members, "\(name)")
            #expect(schema["additionalProperties"] as? Bool == false, "\(name)")
        }
    }

    /// An object that would take members nobody wrote down could hide an answer that has changed.
    @Test func everyObjectOfTheDocumentIsClosed() throws {
        var open: [String] = []
        func walk(_ value: Any, _ place: String) {
            if let object = value as? [String: Any] {
                if object["type"] as? String == "object", object["additionalProperties"] == nil { open.append(place) }
                for (key, value) in object { walk(value, place + "/" + key) }
            }
            if let list = value as? [Any] { for (index, value) in list.enumerated() { walk(value, "\(place)/\(index)") } }
        }
        walk(try document(), "")
        #expect(open == [])
    }
}
