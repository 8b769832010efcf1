import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Lists
import Logging
import Recipients

/// The admin API, version 1, over a Unix socket. docs/operations.md describes every call.
struct AdminAPI: Sendable {
    let parts: GateParts
    let reloader: Reloader

    func router() -> Router<AdminContext> {
        let router = Router(context: AdminContext.self)
        router.add(middleware: ProblemAnswers())
        router.add(middleware: SocketCredential())
        let v1 = router.group("v1")
        v1.post("suppressions") { try await add($0, $1) }
        v1.delete("suppressions") { try await remove($0, $1) }
        v1.get("suppressions") { try await read($0, $1) }
        v1.post("import") { try await importFile($0, $1) }
        v1.get("export") { try await export($0, $1) }
        v1.post("reload") { try await reload($0, $1) }
        v1.get("status") { _, _ in try Answer.json(try await Background.run { try GateStatus(parts) }) }
        addListRoutes(v1)
        return router
    }

    // MARK: Orders

    private func add(_ request: Request, _ context: AdminContext) async throws -> Response {
        let caller = try caller(context)
        let order = try await order(request, context)
        let receipt = try await Background.run {
            let events = try events(order, .optOut, caller)
            for event in events {
                do {
                    try parts.events.announce(
                        "suppression-add", actor: event.actor.name ?? caller.name, detail: event.reason, subject: event.identifier,
                        channels: event.channels)
                } catch {
                    // An opt-out needs no leave: it is kept in the ledger, evidence and all, while that still works.
                    parts.logger.error("a suppression is added without an audit record", metadata: ["cause": "\(error)"])
                }
            }
            return SuppressionReceipt(events, try parts.committer.commit(events), enforced: true)
        }
        return try Answer.json(receipt, .created)
    }

    private func remove(_ request: Request, _ context: AdminContext) async throws -> Response {
        let caller = try caller(context)
        let order = try await order(request, context)
        let receipt = try await Background.run {
            let events = try events(order, .removal, caller)
            for event in events {
                // The rules of the ledger first: what it would refuse is not announced.
                if let rejection = event.rejection() { throw LedgerFailure.rejected(rejection, eventID: event.id) }
                do {
                    try parts.events.announce(
                        "suppression-remove", actor: event.actor.name ?? caller.name, detail: event.reason, subject: event.identifier,
                        channels: event.channels)
                } catch {
                    throw Problem(.serviceUnavailable, "no evidence, no removal", "the audit log takes no records (\(error)); mend it first")
                }
            }
            return SuppressionReceipt(events, try parts.committer.commit(events), enforced: true)
        }
        return try Answer.json(receipt)
    }

    private func order(_ request: Request, _ context: AdminContext) async throws -> SuppressionOrder {
        guard let type = request.headers[.contentType], type.prefix(while: { $0 != ";" }) == "application/json" else {
            throw Problem(.unsupportedMediaType, "not JSON", "send content-type: application/json", at: "content-type")
        }
        var request = request
        let body = try await request.collectBody(upTo: context.maxUploadSize)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(SuppressionOrder.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem(.badRequest, "not an order", "the body is to be a JSON object with the member identifier: \(Self.cause(error))")
        }
    }

    /// What a decoder found, without what it read.
    private static func cause(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(_, let context): "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has another type"
        case DecodingError.valueNotFound(_, let context): "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' is null"
        default: "it is no JSON"
        }
    }

    private func events(_ order: SuppressionOrder, _ action: EventAction, _ caller: AdminCaller) throws -> [PreferenceEvent] {
        do throws(SuppressionOrder.Mistake) {
            return try order.events(action, identifiers: parts.identifiers, method: .api, defaultActor: caller.name)
        } catch {
            throw Problem(.unprocessableContent, "a field is wrong", error.what, at: error.field)
        }
    }

    func caller(_ context: AdminContext) throws -> AdminCaller {
        guard let caller = context.caller else { throw Problem(.unauthorized, "who are you?", "the call carries no credential") }
        return caller
    }

    // MARK: Reading

    private func read(_ request: Request, _ context: AdminContext) async throws -> Response {
        let query = request.uri.queryParameters
        if let text = query["identifier"] {
            let text = String(text), kind = query["kind"].map(String.init)
            let found: [Identifier]
            do throws(SuppressionOrder.Mistake) {
                found = try SuppressionOrder.read(text, kind: kind, parts.identifiers)
            } catch {
                throw Problem(.unprocessableContent, "a parameter is wrong", error.what, at: error.field)
            }
            return try Answer.json(try await Background.run {
                let keys = try parts.lookupKeys(text, found[0].kind)
                return CheckAnswer(try found.map { try parts.ledger.check($0) }, lists: try parts.lists.lists(holding: keys))
            })
        }
        let filter = try filter(query.map { (String($0.key), String($0.value)) })
        let after = try number(query["after"], "after") ?? 0, limit = min(max(try number(query["limit"], "limit") ?? 100, 1), 1000)
        let listings = try await Background.run { try parts.ledger.suppressions(filter, after: UInt64(after), limit: limit) }
        return try Answer.json(SuppressionPage(listings, limit: limit))
    }

    private func number(_ text: Substring?, _ name: String) throws -> Int? {
        guard let text else { return nil }
        guard let value = Int(text), value >= 0 else { throw Problem(.unprocessableContent, "a parameter is wrong", "'\(text)' is no number", at: name) }
        return value
    }

    func filter(_ query: [(String, String)]) throws -> SuppressionFilter {
        do throws(SuppressionOrder.Mistake) { return try SuppressionFilter(query: query) } catch {
            throw Problem(.unprocessableContent, "a parameter is wrong", error.what, at: error.field)
        }
    }

    private func reload(_ request: Request, _ context: AdminContext) async throws -> Response {
        let caller = try caller(context)
        try await Background.run {
            do {
                try parts.events.announce("reload", actor: caller.name)
            } catch {
                throw Problem(.serviceUnavailable, "no evidence, no reload", "the audit log takes no records (\(error)); mend it first")
            }
            try reloader.reload()
        }
        return try Answer.json(try await Background.run { try GateStatus(parts) })
    }
}
