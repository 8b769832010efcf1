import Dataplane
import Foundation
import HTTPKit
import Intake
import Ledger
import Logging
import Recipients

/// Takes in providers' webhooks: verify → read → record → make effective → forward untouched, in that order.
///
/// One per worker. A webhook that opts somebody out is parked while the ledger commits; its provider hears of success only
/// when no send to that person can pass any more.
final class IntakeService: Service {
    /// A webhook has at most this many bytes: 1 MiB.
    static let bodyLimit = FormBody.sizeLimit

    /// What the services of all workers share.
    struct Shared: Sendable {
        let rules: IntakeRulesCell
        let committer: LateCommitter
        let audit: EventAudit
        let counters: IntakeCounters
        let logger: Logger
    }

    private unowned let worker: Worker
    private let shared: Shared
    /// What a parked webhook goes on under, by the number it keeps.
    private var parked: [UInt64: IntakeRules] = [:]
    private var lastNumber: UInt64 = 0

    init(worker: Worker, shared: Shared) {
        self.worker = worker
        self.shared = shared
        super.init()
    }

    override func requestHead(_ exchange: Exchange) {
        let path = exchange.target.prefix { $0 != "?" }
        guard let rules = shared.rules.current, path == rules.path else {
            answer(exchange, 404, .unknownPath)
            return
        }
        guard exchange.method == .post else {
            shared.counters.count(.methodNotAllowed)
            exchange.answer(status: 405, contentType: "text/plain", body: [], fields: [("allow", "POST")])
            return
        }
        exchange.receive(limit: Self.bodyLimit)
    }

    override func bodyTooLarge(_ exchange: Exchange) { answer(exchange, 413, .refused(.tooLarge)) }

    override func requestComplete(_ exchange: Exchange) {
        guard let rules = shared.rules.current else {
            answer(exchange, 404, .unknownPath)
            return
        }
        let signatures = exchange.fields.filter { $0.name == "x-twilio-signature" }
        let address = exchange.clientAddress
        let webhook = InboundWebhook(
            url: rules.publicURL + exchange.target, body: exchange.withBody { body in body.indices.map { body[$0] } },
            contentType: exchange.field("content-type"), signature: signatures.count == 1 ? signatures[0].value : nil,
            signatureSettings: exchange.field("x-twilio-webhooks-signature-settings"), receivedAt: .now(),
            remoteAddress: address.isEmpty ? nil : address)
        switch rules.twilio.decide(webhook) {
        case .refuse(let status, let refusal): answer(exchange, status, .refused(refusal))
        case .forwardOnly:
            shared.counters.count(.forwarded)
            pass(exchange, rules)
        case .recordThenForward(let event): record(exchange, event, rules)
        }
    }

    private func record(_ exchange: Exchange, _ event: PreferenceEvent, _ rules: IntakeRules) {
        lastNumber += 1
        exchange.userState = lastNumber
        parked[lastNumber] = rules
        let ticket = exchange.park()
        let shared = shared
        shared.committer.submit(event) { result in
            switch result {
            case .success(let appended):
                shared.counters.count(appended.isNew ? .recorded(event.action) : .replayed)
                if appended.isNew { shared.audit.note(event, at: appended.position) }
                ticket.resume(.done)
            case .failure(let failure):
                shared.counters.count(.failed)
                // The ledger's words hold no identifier but an event's id, which is the provider's name for the message.
                shared.logger.critical("an inbound webhook could not be recorded; the provider is told to send it again", metadata: ["cause": "\(failure)"])
                ticket.resume(.failed)
            }
        }
    }

    override func resumed(_ exchange: Exchange, _ result: ParkResult) {
        guard let rules = parked.removeValue(forKey: exchange.userState), case .done = result else {
            exchange.answer(status: 503, contentType: "text/plain", body: [], fields: [("retry-after", "1")])
            return
        }
        pass(exchange, rules)
    }

    override func finished(_ exchange: Exchange) {
        if exchange.userState != 0 { parked[exchange.userState] = nil }
    }

    override func failed(_ exchange: Exchange, _ failure: ExchangeFailure) {
        shared.logger.warning("a webhook could not be passed on", metadata: ["cause": "\(failure.label)"])
        super.failed(exchange, failure)
    }

    /// On to the customer's application as it came, or answered here where there is none.
    private func pass(_ exchange: Exchange, _ rules: IntakeRules) {
        guard let forward = rules.forward else {
            exchange.answer(status: EmptyTwiML.status, contentType: EmptyTwiML.contentType, body: EmptyTwiML.body)
            return
        }
        do {
            exchange.forward(to: try worker.open(forward.origin), path: forward.target)
        } catch {
            shared.logger.error("the application behind the intake cannot be reached", metadata: ["cause": "\(error)"])
            exchange.answer(status: 502, contentType: "text/plain", body: [])
        }
    }

    private func answer(_ exchange: Exchange, _ status: Int, _ cause: IntakeCounters.Event) {
        shared.counters.count(cause)
        exchange.answer(status: status, contentType: "text/plain", body: [])
    }
}
