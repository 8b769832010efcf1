import HTTPTypes
import Hummingbird

/// One call that the admin API takes. The table of them (``AdminAPI/routes``) makes the router, the check of scopes and the test that
/// docs/openapi.yaml says the same.
struct AdminRoute: Sendable {
    enum Handler: Sendable {
        /// Takes and gives a small JSON body.
        case small(@Sendable (AdminCall) async throws -> AdminAnswer)
        /// Takes or gives a body of any length.
        case stream(@Sendable (AdminCall) async throws -> Response)
    }

    let method: HTTPRequest.Method
    /// As in the document: `/v1/lists/{name}`.
    let path: String
    let scope: AdminScope
    /// The query's parameters; another is a mistake.
    let parameters: [String]
    let handler: Handler

    init(_ method: HTTPRequest.Method, _ path: String, _ scope: AdminScope, parameters: [String] = [], _ handler: Handler) {
        self.method = method
        self.path = path
        self.scope = scope
        self.parameters = parameters
        self.handler = handler
    }

    /// The path as the router wants it.
    var routerPath: RouterPath {
        RouterPath(path.split(separator: "/").map { $0.hasPrefix("{") ? ":" + $0.dropFirst().dropLast() : String($0) }.joined(separator: "/"))
    }

    /// Whether a request's path is one of this route's.
    func fits(_ requested: String) -> Bool {
        let mine = path.split(separator: "/"), theirs = requested.split(separator: "/")
        return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
