import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore

/// Finds out who calls: by the bearer token, else, on the Unix socket, by the user of the process on its other end.
struct AdminCredential: RouterMiddleware {
    typealias Context = AdminContext

    let door: AdminDoor
    let tokens: TokenGuard
    let refusals: RefusalLimit
    let events: EventAudit
    /// What the audit log may say of a path: an identifier may stand in it.
    let template: @Sendable (String) -> String

    func handle(_ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response) async throws -> Response {
        var context = context
        do {
            context.caller = try await caller(request, context)
        } catch var problem as Problem where problem.status == .unauthorized || problem.status == .forbidden {
            if let seconds = refusals.take() {
                problem = Problem(
                    .tooManyRequests, "too many calls without a good credential",
                    "the last ones were refused; the next is answered in \(seconds) seconds. Calls with a good token go on")
                problem.headers[.retryAfter] = "\(seconds)"
                throw problem
            }
            let origin = origin(context), detail = "\(request.method) \(template(request.uri.path)): \(problem.title)"
            try? await Background.run { try events.announce("admin-refused", actor: origin, detail: detail) }
            throw problem
        }
        return try await next(request, context)
    }

    private func caller(_ request: Request, _ context: AdminContext) async throws -> AdminCaller {
        let fields = request.headers[values: .authorization]
        guard let field = fields.first else {
            if door == .socket { return try await peer(context) }
            throw Self.unauthorized(
                "no token", "send the field 'Authorization: Bearer TOKEN'; make a token with: stopgate token create --name NAME --scope read")
        }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count == 1, words.count == 2, words[0].lowercased() == "bearer" else {
            throw Self.unauthorized("no bearer token", "send one field 'Authorization: Bearer TOKEN'", error: "invalid_request")
        }
        let found: TokenGuard.Answer
        do {
            found = try tokens.check(String(words[1]))
        } catch {
            throw Problem(.serviceUnavailable, "the tokens cannot be read", "\(error)")
        }
        switch found {
        case .known(let token): return AdminCaller(name: "token:\(token.name)", token: token)
        case .unknown: throw Self.unauthorized("unknown token", "no token is this one; was it copied whole?", error: "invalid_token")
        case .expired(let token):
            throw Self.unauthorized("expired token", "the token \(token.name) expired at \(token.expiresAt ?? ""); make a new one", error: "invalid_token")
        case .revoked(let token):
            throw Self.unauthorized("revoked token", "the token \(token.name) was revoked at \(token.revokedAt ?? "")", error: "invalid_token")
        }
    }

    /// The user on the other end of the socket. Its file mode (0600) keeps others out; if an operator opened it wider, they need a token.
    private func peer(_ context: AdminContext) async throws -> AdminCaller {
        guard let socket = context.channel as? any SocketOptionProvider else { throw Self.unauthorized("unknown peer", "the socket does not say who calls") }
        let user: PeerCredential = try await socket.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED)).get()
        guard user.user == geteuid() || user.user == 0 else {
            throw Self.unauthorized(
                "another user", "uid \(user.user) may open the socket, and is neither the gate's user nor root; send the field 'Authorization: Bearer TOKEN'")
        }
        return AdminCaller(name: "uid:\(user.user)", token: nil)
    }

    private func origin(_ context: AdminContext) -> String {
        door == .socket ? "socket" : context.channel.remoteAddress?.ipAddress ?? "port"
    }

    private static func unauthorized(_ title: String, _ detail: String, error: String? = nil) -> Problem {
        var problem = Problem(.unauthorized, title, detail)
        problem.headers[.wwwAuthenticate] = "Bearer realm=\"stopgate\"" + (error.map { ", error=\"\($0)\"" } ?? "")
        return problem
    }
}

/// `struct ucred` of socket(7).
private struct PeerCredential: Sendable {
    var process: Int32 = 0
    var user: UInt32 = .max
    var group: UInt32 = .max
}
