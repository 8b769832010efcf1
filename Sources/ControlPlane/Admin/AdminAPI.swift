import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Recipients
import TLSKit

/// The admin API, version 1. docs/openapi.yaml is its description, docs/admin-api.md its guide.
struct AdminAPI: Sendable {
    let parts: GateParts
    let reloader: Reloader
    let tokens: TokenGuard
    private let answers = IdempotencyStore()
    private let refusals = RefusalLimit()
    let verifying = Turnstile()

    init(parts: GateParts, reloader: Reloader, tokens: TokenGuard) {
        self.parts = parts
        self.reloader = reloader
        self.tokens = tokens
    }

    /// Every call there is.
    var routes: [AdminRoute] {
        let conditions = ["kind", "channel", "scope", "reason", "system", "prefix"]
        return [
            .init(.get, "/v1/status", .read, .small(status)),
            .init(.get, "/v1/check", .read, parameters: ["identifier", "kind"], .small(check)),
            .init(.get, "/v1/suppressions", .read, parameters: conditions + ["cursor", "limit"], .small(list)),
            .init(.post, "/v1/suppressions", .write, .small(add)),
            .init(.post, "/v1/suppressions/batch", .write, .small(addBatch)),
            .init(.post, "/v1/suppressions/remove", .admin, .small(remove)),
            .init(.get, "/v1/persons/{identifier}/history", .read, parameters: ["kind", "cursor", "limit"], .small(history)),
            .init(.post, "/v1/links", .write, .small(link)),
            .init(.post, "/v1/links/remove", .admin, .small(unlink)),
            .init(
                .post, "/v1/import", .write,
                parameters: ["dry_run", "source", "channels", "scope", "reason", "actor", "ignore_unknown_columns"], .stream(importFile)),
            .init(.get, "/v1/export", .read, parameters: conditions + ["format"], .stream(export)),
            .init(.get, "/v1/lists", .read, .small(lists)),
            .init(.post, "/v1/lists/{name}", .admin, .stream(loadList)),
            .init(.post, "/v1/lists/{name}/rollback", .admin, .small(rollbackList)),
            .init(.delete, "/v1/lists/{name}", .admin, .small(removeList)),
            .init(.get, "/v1/snapshot", .read, .small(snapshot)),
            .init(.post, "/v1/snapshot", .admin, .small(compact)),
            .init(.post, "/v1/ledger/verify", .admin, .stream(verify)),
            .init(.post, "/v1/reload", .admin, .small(reload)),
            .init(.post, "/v1/backup", .admin, .small(backup)),
            .init(.post, "/v1/rotation", .admin, .stream(rotate)),
        ]
    }

    func router(_ door: AdminDoor) -> Router<AdminContext> {
        let router = Router(context: AdminContext.self), routes = routes
        router.add(middleware: ProblemAnswers { path in routes.filter { $0.fits(path) }.map(\.method) })
        if door == .port { router.add(middleware: BrowserGuard()) }
        router.add(middleware: AdminCredential(door: door, tokens: tokens, refusals: refusals, events: parts.events) { path in
            routes.first { $0.fits(path) }?.path ?? "another path"
        })
        for route in routes {
            router.on(route.routerPath, method: route.method) { request, context in try await answer(request, context, route) }
        }
        return router
    }

    private func answer(_ request: Request, _ context: AdminContext, _ route: AdminRoute) async throws -> Response {
        guard let caller = context.caller else { throw Problem(.unauthorized, "who are you?", "the call carries no credential") }
        try caller.require(route.scope)
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard route.parameters.contains(name) else {
                let known = route.parameters.isEmpty ? "none" : route.parameters.joined(separator: ", ")
                throw Problem(.unprocessableContent, "a parameter is wrong", "it is unknown; known are: \(known)", at: String(name.prefix(100)))
            }
            guard query.updateValue(String(value), forKey: name) == nil else {
                throw Problem(.unprocessableContent, "a parameter is wrong", "it is given twice", at: name)
            }
        }
        var path: [String: String] = [:]
        for (name, value) in context.parameters {
            guard let decoded = value.removingPercentEncoding else {
                throw Problem(.badRequest, "a path is wrong", "its escapes are broken", at: String(name))
            }
            path[String(name)] = decoded
        }
        let key = try idempotencyKey(request)
        switch route.handler {
        case .stream(let handle):
            return try await handle(AdminCall(request: request, caller: caller, path: path, query: query, body: Data(), idempotencyKey: key))
        case .small(let handle):
            var request = request
            let body = Data((try await request.collectBody(upTo: context.maxUploadSize)).readableBytesView)
            let call = AdminCall(request: request, caller: caller, path: path, query: query, body: body, idempotencyKey: key)
            guard route.method != .get, let key else { return try await handle(call).response() }
            return try await once(call, named: caller.name + "\n" + key, handle)
        }
    }

    /// Makes a call that has a name, unless it was made already.
    private func once(
        _ call: AdminCall, named name: String, _ handle: @Sendable (AdminCall) async throws -> AdminAnswer
    ) async throws -> Response {
        let what = "\(call.request.method) \(call.request.uri)\n"
        switch answers.begin(name, MessageAuthentication.sha256(Array(what.utf8) + Array(call.body))) {
        case .done(let answer): return answer.response(isReplay: true)
        case .running:
            throw Problem(.conflict, "the same call is being made", "another call with this Idempotency-Key has not ended", at: "idempotency-key")
        case .other:
            throw Problem(
                .unprocessableContent, "the key was used for another call", "an Idempotency-Key names one call; use a new one", at: "idempotency-key")
        case .new:
            do {
                let answer = try await handle(call)
                answers.end(name, answer: answer)
                return answer.response()
            } catch {
                answers.end(name, answer: nil)
                throw error
            }
        }
    }

    private func idempotencyKey(_ request: Request) throws -> String? {
        guard let name = HTTPField.Name("idempotency-key"), let text = request.headers[name] else { return nil }
        // RFC 8941 strings are in quotes; most clients leave them out.
        let key = text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
        guard (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Problem(.badRequest, "a field is wrong", "give 1 to 200 printable ASCII characters without blanks", at: "idempotency-key")
        }
        return key
    }

    /// Writes into the audit log that a change is about to be made.
    /// - Throws: a problem; then nothing may be changed.
    func announce(_ what: String, _ caller: AdminCaller, _ detail: String?) throws {
        do {
            try parts.events.announce(what, actor: caller.name, detail: detail)
        } catch {
            throw Problem(.serviceUnavailable, "no evidence, no change", "the audit log takes no records (\(error)); mend it first")
        }
    }
}
