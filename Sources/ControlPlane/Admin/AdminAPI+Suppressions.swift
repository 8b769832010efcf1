import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Recipients

extension AdminAPI {
    func add(_ call: AdminCall) async throws -> AdminAnswer {
        var order: SuppressionOrder = try call.order()
        order.id = call.eventID(given: order.id)
        return try await Background.run { [order] in
            let events = try events(order, .optOut, call.caller)
            for event in events {
                do {
                    try announce("suppression-add", call.caller, event)
                } catch {
                    // An opt-out needs no leave: it is kept in the ledger, evidence and all, while that still works.
                    parts.logger.error("a suppression is added without an audit record", metadata: ["cause": "\(error)"])
                }
            }
            return try AdminAnswer(SuppressionReceipt(events, try parts.committer.commit(events), enforced: true), .created)
        }
    }

    func remove(_ call: AdminCall) async throws -> AdminAnswer {
        var order: SuppressionOrder = try call.order()
        order.id = call.eventID(given: order.id)
        return try await Background.run { [order] in
            let events = try events(order, .removal, call.caller)
            // The rules of the ledger first: what it would refuse is not announced.
            try refuse(events)
            for event in events { try evidence { try announce("suppression-remove", call.caller, event) } }
            return try AdminAnswer(SuppressionReceipt(events, try parts.committer.commit(events), enforced: true))
        }
    }

    /// Many opt-outs at once. Those that can be read are recorded in one transaction; a mistake in one holds no other up.
    func addBatch(_ call: AdminCall) async throws -> AdminAnswer {
        let batch: SuppressionBatch = try call.order()
        return try await Background.run {
            var results: [SuppressionBatchReceipt.Result] = []
            var good: [(place: Int, events: [PreferenceEvent])] = []
            for (place, entry) in batch.orders.enumerated() {
                results.append(.init(index: place))
                do {
                    var order = try entry.order()
                    order.id = call.eventID(given: order.id).map { order.id == nil ? "\($0):\(place)" : $0 }
                    let events = try events(order, .optOut, call.caller)
                    try refuse(events)
                    good.append((place, events))
                } catch {
                    results[place].reject(error)
                }
            }
            do {
                try parts.events.announce("suppression-batch", actor: call.caller.name, detail: "\(good.count) orders")
            } catch {
                parts.logger.error("a batch is added without an audit record", metadata: ["cause": "\(error)"])
            }
            do {
                var appended = try parts.committer.commit(good.flatMap(\.events))[...]
                for (place, events) in good {
                    results[place].record(events, Array(appended.prefix(events.count)))
                    appended = appended.dropFirst(events.count)
                }
            } catch LedgerFailure.rejected, LedgerFailure.conflictingID {
                // Nothing of it was recorded: one by one, then.
                for (place, events) in good {
                    do { results[place].record(events, try parts.committer.commit(events)) } catch { results[place].reject(error) }
                }
            }
            let receipt = SuppressionBatchReceipt(results)
            return try AdminAnswer(receipt, receipt.rejected == 0 ? .created : .init(code: 207, reasonPhrase: "Multi-Status"))
        }
    }

    func list(_ call: AdminCall) async throws -> AdminAnswer {
        let filter = try filter(call), cursor = try call.cursor(), limit = try call.limit()
        return try await Background.run {
            try AdminAnswer(SuppressionPage(try parts.ledger.suppressions(filter, after: cursor, limit: limit), limit: limit))
        }
    }

    func filter(_ call: AdminCall) throws -> SuppressionFilter {
        do throws(SuppressionOrder.Mistake) { return try SuppressionFilter(query: call.query.sorted { $0.key < $1.key }) } catch {
            throw Problem(.unprocessableContent, "a parameter is wrong", error.what, at: error.field)
        }
    }

    private func events(_ order: SuppressionOrder, _ action: EventAction, _ caller: AdminCaller) throws -> [PreferenceEvent] {
        do throws(SuppressionOrder.Mistake) {
            return try order.events(
                action, identifiers: parts.identifiers, method: .api, system: caller.token?.name, defaultActor: caller.name)
        } catch {
            throw Problem(.unprocessableContent, "a field is wrong", error.what, at: error.field)
        }
    }

    func refuse(_ events: [PreferenceEvent]) throws {
        for event in events {
            if let rejection = event.rejection() { throw LedgerFailure.rejected(rejection, eventID: event.id) }
        }
    }

    /// The audit log names the caller, and whom he names as the one who does it.
    func announce(_ what: String, _ caller: AdminCaller, _ event: PreferenceEvent) throws {
        let named = event.actor.name.flatMap { $0 == caller.name ? nil : "for \($0)" }
        try parts.events.announce(
            what, actor: caller.name, detail: [event.reason, named].compactMap { $0 }.joined(separator: " "), subject: event.identifier,
            channels: event.channels)
    }

    /// Makes a change that may let a message pass: no evidence, no change.
    func evidence(_ body: () throws -> Void) throws {
        do { try body() } catch {
            throw Problem(.serviceUnavailable, "no evidence, no change", "the audit log takes no records (\(error)); mend it first")
        }
    }
}
