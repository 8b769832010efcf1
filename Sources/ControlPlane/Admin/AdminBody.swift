import Foundation

/// A JSON object that a call takes.
protocol AdminBody: Decodable {
    /// The members that it may have.
    static var members: Set<String> { get }
    /// - Throws: ``AdminBodyMistake``.
    static func read(_ body: Data) throws -> Self
}

/// What is wrong with a body, without what it says.
struct AdminBodyMistake: Error {
    /// The member; `nil` for the whole.
    let field: String?
    let what: String
    /// It is no JSON object at all, or lacks what every order has.
    var isSyntax = false
}

extension AdminBody {
    static func read(_ body: Data) throws -> Self {
        guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
            throw AdminBodyMistake(field: nil, what: "the body is to be a JSON object", isSyntax: true)
        }
        if let unknown = object.keys.sorted().first(where: { !members.contains($0) }) {
            throw AdminBodyMistake(field: String(unknown.prefix(100)), what: "it is unknown; known are \(members.sorted().joined(separator: ", "))")
        }
        return try read(fields: body)
    }

    private static func read(fields body: Data) throws -> Self {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Self.self, from: body)
        } catch DecodingError.keyNotFound(let key, let context) {
            let field = path(context.codingPath + [key])
            throw AdminBodyMistake(field: field, what: "'\(field)' is missing", isSyntax: true)
        } catch DecodingError.typeMismatch(_, let context) {
            throw AdminBodyMistake(field: path(context.codingPath), what: "'\(path(context.codingPath))' has another type", isSyntax: true)
        } catch DecodingError.valueNotFound(_, let context) {
            throw AdminBodyMistake(field: path(context.codingPath), what: "'\(path(context.codingPath))' is null", isSyntax: true)
        } catch {
            throw AdminBodyMistake(field: nil, what: "the body cannot be read", isSyntax: true)
        }
    }

    /// As the caller writes it.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { key in
            key.intValue.map { "[\($0)]" } ?? key.stringValue.reduce(into: "") { text, letter in
                text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
            }
        }.joined(separator: ".").split(separator: ".[").joined(separator: "[")
    }
}
