import Hummingbird
public import Ledger
import Lists
import Logging
import Recipients
import Suppression

extension AdminAPI {
    func check(_ call: AdminCall) async throws -> AdminAnswer {
        let text = try call.required("identifier"), found = try identifiers(text, call.query["kind"])
        return try await Background.run {
            let keys = try parts.lookupKeys(text, found[0].kind)
            let scopes = ScopeKeys(secret: parts.secret)
            let enforced = keys.flatMap(scopes.keys(ofSendTo:)).reduce(into: ChannelSet()) { $0.formUnion(parts.index.state(of: $1).blocked) }
            return try AdminAnswer(
                try CheckAnswer(
                    found, ledger: parts.ledger, lists: try parts.lists.lists(holding: keys), rules: parts.current.identifiers, enforced: enforced))
        }
    }

    func history(_ call: AdminCall) async throws -> AdminAnswer {
        let found = try identifiers(call.path["identifier"] ?? "", call.query["kind"]), cursor = try call.cursor(), limit = try call.limit()
        return try await Background.run {
            try AdminAnswer(try HistoryPage(try HistoryPage.choice(found, in: parts.ledger), in: parts.ledger, after: cursor, limit: limit))
        }
    }

    func link(_ call: AdminCall) async throws -> AdminAnswer {
        let event = try event(call, .link)
        return try await Background.run {
            do {
                try announce("link", call.caller, event)
            } catch {
                // A link can only tighten, and the ledger has its evidence.
                parts.logger.error("two identifiers are linked without an audit record", metadata: ["cause": "\(error)"])
            }
            let result = try parts.committer.commit([event])[0]
            return try AdminAnswer(try LinkReceipt(event, result, in: parts.ledger, enforced: true), .created)
        }
    }

    func unlink(_ call: AdminCall) async throws -> AdminAnswer {
        let event = try event(call, .unlink)
        return try await Background.run {
            try refuse([event])
            try evidence { try announce("unlink", call.caller, event) }
            let result = try parts.committer.commit([event])[0]
            return try AdminAnswer(try LinkReceipt(event, result, in: parts.ledger, enforced: true))
        }
    }

    private func event(_ call: AdminCall, _ action: EventAction) throws -> PreferenceEvent {
        var order: LinkOrder = try call.order()
        order.id = call.eventID(given: order.id)
        do throws(SuppressionOrder.Mistake) {
            return try order.event(
                action, identifiers: parts.identifiers, method: .api, system: call.caller.token?.name, defaultActor: call.caller.name)
        } catch {
            throw Problem(.unprocessableContent, "a field is wrong", error.what, at: error.field)
        }
    }

    private func identifiers(_ text: String, _ kind: String?) throws -> [Identifier] {
        do throws(SuppressionOrder.Mistake) { return try SuppressionOrder.read(text, kind: kind, parts.identifiers) } catch {
            throw Problem(.unprocessableContent, "a parameter is wrong", error.what, at: error.field)
        }
    }
}

extension HistoryPage {
    /// Which of the identifiers that a text may mean has a history: the one that the ledger knows, or the likeliest.
    /// - Throws: ``SuppressionOrder/Mistake`` when it knows several.
    public static func choice(_ found: [Identifier], in ledger: PreferenceLedger) throws -> Identifier {
        let known = try found.filter { try ledger.check($0).isKnown }
        guard known.count <= 1 else {
            throw SuppressionOrder.Mistake(
                field: "identifier", what: "it may be \(known.map(\.spelling).joined(separator: " or ")); write the one that is meant, with its country code")
        }
        return known.first ?? found[0]
    }
}
