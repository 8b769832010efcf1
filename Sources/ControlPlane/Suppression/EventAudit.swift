import Audit
import Ledger
import Logging
import Recipients
import Synchronization

/// Writes what happens to the preference record into the audit log, beside the decisions it explains.
final class EventAudit: Sendable {
    private let log: AuditLog
    private let logger: Logger
    private let failures = Atomic<UInt64>(0)

    init(log: AuditLog, logger: Logger) {
        self.log = log
        self.logger = logger
    }

    /// Records that could not be written.
    var failureCount: UInt64 { failures.load(ordering: .relaxed) }

    /// Writes that somebody is about to do something; returns when that is on disk.
    /// - Throws: `AuditFailure`. What needs evidence before it takes effect must not happen then.
    func announce(
        _ what: String, actor: String, detail: String? = nil, subject: Identifier? = nil, channels: ChannelSet = [],
        position: LedgerPosition = 0
    ) throws(AuditFailure) {
        var record = EventRecord(what)
        record.set(.actor, actor)
        if let detail { record.set(.detail, detail) }
        if let subject { _ = record.setSubject(subject.kind, identifier: Array(subject.spelling.utf8).span) }
        record.channels = channels
        record.ledgerPosition = position
        do throws(AuditFailure) {
            try log.record(record)
        } catch {
            failures.add(1, ordering: .relaxed)
            throw error
        }
    }

    /// Writes that `event` was recorded. Its own evidence lies in the ledger, so a log that takes nothing holds no opt-out up.
    func note(_ event: PreferenceEvent, at position: LedgerPosition) {
        do {
            try announce(
                event.action.rawValue, actor: event.actor.name ?? event.source.system ?? event.actor.kind.rawValue,
                detail: [event.source.method.rawValue, event.reason].compactMap { $0 }.joined(separator: " "),
                subject: event.identifier, channels: event.channels, position: position)
        } catch {
            logger.error("an event is in the ledger but not in the audit log", metadata: ["position": "\(position)", "cause": "\(error)"])
        }
    }
}
