import Audit
import Recipients

/// One record of the audit log, as commands show it.
struct AuditLine: Encodable {
    struct Recipient: Encodable {
        var kind: String
        var masked: String?
        var channel: String?
        var verdict: String?
        var reason: String?
    }

    var sequence: UInt64
    var time: String
    var record: String
    var id: String?
    var verdict: String?
    var enforcement: String?
    var provider: String?
    var endpoint: String?
    var cause: String?
    var scheduled: String?
    var cancel: String?
    var client: String?
    var ruleset: String?
    var ledgerPosition: UInt64?
    var recipients: [Recipient]?
    var channels: [String]?
    var result: String?
    var status: UInt64?
    var message: String?
    var latencyMicroseconds: UInt64?
    var actor: String?
    var detail: String?

    init(_ entry: AuditEntry) {
        sequence = entry.stamp.sequence
        time = entry.stamp.time
        switch entry {
        case .decision(let decision):
            record = "decision"
            id = decision.id.description
            verdict = decision.verdict.name
            enforcement = decision.enforcement.name
            provider = decision.provider
            endpoint = decision.endpoint
            cause = decision.cause
            scheduled = decision.scheduled
            cancel = decision.cancel
            client = decision.client
            ruleset = decision.ruleset
            ledgerPosition = decision.ledgerPosition
            recipients = decision.recipients.map(Self.recipient)
            channels = decision.channels.map(\.name)
            switch decision.fate {
            case .kept: result = "kept"
            case .unknown: result = nil
            case .known(let outcome): take(outcome)
            }
        case .outcome(let outcome):
            record = "outcome"
            id = outcome.decision.description
            take(outcome)
        case .event(let event):
            record = event.what
            actor = event.actor
            detail = event.detail
            recipients = event.subject.map { [Self.recipient($0)] }
            channels = event.channels.map(\.name)
            ledgerPosition = event.ledgerPosition
        case .mark(let mark):
            switch mark.kind {
            case .segment(let number):
                record = "segment"
                detail = "number \(number)"
            case .open(let cut, let kept, let isRepair):
                record = "open"
                if cut > 0 { detail = "\(cut) bytes of a crash were cut\(kept.map { ", kept as \($0)" } ?? "")\(isRepair ? ", repaired by an operator" : "")" }
            case .close: record = "close"
            case .clock(let step):
                record = "clock"
                detail = "set by \(step) microseconds"
            }
        }
    }

    private mutating func take(_ outcome: AuditOutcome) {
        result = outcome.result.name
        status = outcome.status
        message = outcome.message
        latencyMicroseconds = outcome.latency
        if let error = outcome.error { cause = error }
    }

    private static func recipient(_ recipient: AuditRecipient) -> Recipient {
        Recipient(
            kind: recipient.kind.name, masked: recipient.masked, channel: recipient.channel?.name, verdict: recipient.verdict?.name,
            reason: recipient.reason)
    }

    func show(_ output: OutputOptions) throws {
        if output.json { return print(String(decoding: try SuppressionDesk.encode(self), as: UTF8.self)) }
        var line = "\(Terminal.paint(time, .dim))  \(record)"
        if let verdict {
            let colour: Terminal.Colour = verdict == "allow" ? .green : verdict == "refuse" ? .red : .yellow
            line += " \(Terminal.paint(verdict, colour))"
        }
        if let provider { line += " \(provider)\(endpoint.map { ".\($0)" } ?? "")" }
        let blocked = recipients?.filter { $0.verdict == "block" || verdict == nil } ?? []
        if let recipients, verdict != nil { line += " \(recipients.count) recipient\(recipients.count == 1 ? "" : "s")" }
        if !blocked.isEmpty {
            line += " " + blocked.prefix(5).map { Terminal.plain($0.masked ?? "***") }.joined(separator: " ") + (blocked.count > 5 ? " ..." : "")
        }
        if let result { line += " \(result)" }
        if let status { line += " \(status)" }
        if let message { line += " \(Terminal.plain(message))" }
        if let cause { line += " \(Terminal.plain(cause))" }
        if let scheduled { line += " for \(Terminal.plain(scheduled))" }
        if let actor { line += " by \(Terminal.plain(actor))" }
        if let detail { line += " \(Terminal.plain(detail))" }
        if let id { line += "  \(Terminal.paint(id, .dim))" }
        print(line)
    }
}
