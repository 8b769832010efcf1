import CLinux
import Glibc

/// Holds a query against lines and entries. Most lines are dismissed by their bytes before they are decoded.
struct AuditMatcher {
    private let query: AuditQuery
    /// The person's name in the log, and the same as bytes.
    private let name: String?
    private let needle: [UInt8]
    private let keyID: String?
    private let keyBytes: [UInt8]
    private static let scheduled = Array(",\"scheduled\":\"".utf8)
    private(set) var records: UInt64 = 0
    private(set) var underOtherKeys: UInt64 = 0

    init(query: AuditQuery, key: AuditKey?) {
        self.query = query
        name = query.person.flatMap { person in key?.name(of: person.kind, person.identifier) }
        needle = Array((name ?? query.id?.description ?? "").utf8)
        keyID = key?.id
        keyBytes = Array("\"key\":\"\(key?.id ?? "")\"".utf8)
    }

    /// Whether a line has to be decoded.
    mutating func wants(_ line: UnsafeRawBufferPointer, isInsideDecision: Bool, hasPending: Bool) -> Bool {
        guard let prefix = RecordPrefix(line) else { return !SealLine.begins(line) }
        records += 1
        switch prefix.kind {
        case .outcome: return hasPending
        case .open, .close, .clock, .segment: return true
        case .recipients: return isInsideDecision
        case .decision, .event:
            if let from = query.from, prefix.time < from { return false }
            if let to = query.to, prefix.time >= to { return false }
            // Stands in front of the recipients, so on the decision's first line.
            if query.isScheduled, !contains(line, Self.scheduled) { return false }
            // The person looked for may stand on a later line of the same decision; so may a foreign key be at work here.
            return contains(line, needle) || endsInMore(line) || (name != nil && !contains(line, keyBytes))
        }
    }

    mutating func matches(_ entry: AuditEntry) -> Bool {
        switch entry {
        case .decision(let decision):
            if let verdict = query.verdict, decision.verdict != verdict { return false }
            if let provider = query.provider, decision.provider != provider { return false }
            if let id = query.id, decision.id != id { return false }
            if query.isScheduled, decision.scheduled == nil { return false }
            return names(decision.recipients, under: decision.key)
        case .event(let event):
            if query.verdict != nil || query.provider != nil || query.id != nil || query.isScheduled { return false }
            return names(event.subject.map { [$0] } ?? [], under: event.key)
        case .outcome, .mark: return false
        }
    }

    private mutating func names(_ people: [AuditRecipient], under key: String?) -> Bool {
        guard let name else { return true }
        if let key, key != keyID, !people.isEmpty { underOtherKeys += 1 }
        return people.contains { $0.hmac == name }
    }

    private func contains(_ line: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard !needle.isEmpty else { return true }
        return needle.withUnsafeBytes { memmem(line.baseAddress, line.count, $0.baseAddress, $0.count) != nil }
    }

    private func endsInMore(_ line: UnsafeRawBufferPointer) -> Bool {
        let end: StaticString = ",\"more\":true}"
        guard line.count > end.utf8CodeUnitCount else { return false }
        var cursor = LineCursor(UnsafeRawBufferPointer(rebasing: line[(line.count - end.utf8CodeUnitCount)...]))
        return cursor.skip(end)
    }
}
