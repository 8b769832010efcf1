import Foundation
import HTTPTypes
import Hummingbird

/// One call on its way to its handler: who, what, and the body where it is small.
struct AdminCall: Sendable {
    let request: Request
    let caller: AdminCaller
    /// Of the path's templates, decoded.
    let path: [String: String]
    let query: [String: String]
    /// Empty for calls that stream theirs.
    var body: Data
    /// The caller's name for this call, so that it can be made again.
    let idempotencyKey: String?

    /// The id of the event that this call makes: the same when it is made again.
    ///
    /// A token's ids are its own: taking one that an import, a provider's signal or another token is going to use would have theirs
    /// refused or passed over, and somebody's opt-out with it.
    func eventID(given: String?) -> String? {
        if let given { return caller.token.map { "id:\($0.name):\(given)" } ?? given }
        return idempotencyKey.map { "key:\(caller.name):\($0)" }
    }

    /// What the body asks for. Members that nobody knows are a mistake: a misspelt one would change what the order means.
    func order<T: AdminBody>(_ type: T.Type = T.self) throws -> T {
        guard let type = request.headers[.contentType], type.prefix(while: { $0 != ";" }).lowercased() == "application/json" else {
            throw Problem(.unsupportedMediaType, "not JSON", "send content-type: application/json", at: "content-type")
        }
        do { return try T.read(body) } catch let mistake as AdminBodyMistake {
            throw Problem(mistake.isSyntax ? .badRequest : .unprocessableContent, "not an order", mistake.what, at: mistake.field)
        }
    }

    /// The same with its small body, for calls that stream their answer alone.
    func withBody() async throws -> AdminCall {
        var call = self, request = request
        call.body = Data((try await request.collectBody(upTo: 1 << 20)).readableBytesView)
        return call
    }

    /// A number of the query.
    func number(_ name: String) throws -> Int? {
        guard let text = query[name] else { return nil }
        guard let value = Int(text), value >= 0 else { throw Problem(.unprocessableContent, "a parameter is wrong", "'\(text.prefix(40))' is no number", at: name) }
        return value
    }

    /// Lines of a page: 1 to 1000, 100 when nothing is said.
    func limit() throws -> Int {
        let limit = try number("limit") ?? 100
        guard (1...1000).contains(limit) else { throw Problem(.unprocessableContent, "a parameter is wrong", "\(limit) is not from 1 to 1000", at: "limit") }
        return limit
    }

    /// Where the page before ended.
    func cursor() throws -> UInt64 {
        guard let text = query["cursor"] else { return 0 }
        guard let position = UInt64(text) else {
            throw Problem(.unprocessableContent, "a parameter is wrong", "it is no cursor; give the next_cursor of the page before", at: "cursor")
        }
        return position
    }

    func required(_ name: String) throws -> String {
        guard let value = query[name] else { throw Problem(.unprocessableContent, "a parameter is missing", "give \(name)", at: name) }
        return value
    }
}
