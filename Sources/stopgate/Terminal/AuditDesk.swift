import Audit
import ControlPlane
import Policy
import Recipients

/// Looks things up in the audit log for the commands, and says on standard error what it could not look at.
struct AuditDesk {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// What matches, in the order of the log.
    /// - Parameters:
    ///   - person: a phone number or e-mail address as somebody types it; `nil` for everybody.
    ///   - option: where it was given, for errors.
    func find(_ query: AuditQuery, person: String?, option: String) throws -> [AuditEntry] {
        guard let person else { return try run(query, AuditSearch(directory: settings.storage.auditDirectory, key: nil)) }
        let key = try AuditKey.load("\(settings.storage.directory)/audit.key")
        let search = AuditSearch(directory: settings.storage.auditDirectory, key: key)
        var entries: [UInt64: AuditEntry] = [:]
        for (kind, spelling) in try spellings(person, option) {
            var query = query
            query.person = .init(kind: kind, identifier: spelling)
            for entry in try run(query, search) { entries[entry.stamp.sequence] = entry }
        }
        return entries.values.sorted { $0.stamp.sequence < $1.stamp.sequence }
    }

    /// The names under which the log may know somebody: as a request spelled them, or as we do.
    func names(of person: String, option: String) throws -> Set<String> {
        let key = try AuditKey.load("\(settings.storage.directory)/audit.key")
        return Set(try spellings(person, option).map { key.name(of: $0.kind, $0.text) })
    }

    private func spellings(_ person: String, _ option: String) throws -> [(kind: IdentifierKind, text: String)] {
        let rules = try NormalisationRules(settings: settings.recipients)
        do throws(IdentifierProblem) {
            let canonical = try CanonicalIdentifier(parsing: person, rules: rules)
            return Set([canonical.text, canonical.normalForm, person] + canonical.otherReadings).map { (canonical.kind, $0) }
        } catch {
            throw Failure("\(option): \(error.message)")
        }
    }

    private func run(_ query: AuditQuery, _ search: AuditSearch) throws -> [AuditEntry] {
        var entries: [AuditEntry] = []
        let summary = try search.run(query) { entry in
            entries.append(entry)
            return true
        }
        if summary.isTruncated { Terminal.note("more was found than --limit \(query.limit)") }
        if summary.unreadable > 0 { Terminal.note("\(summary.unreadable) lines cannot be read: run stopgate audit verify") }
        if summary.underOtherKeys > 0 { Terminal.note("\(summary.underOtherKeys) records name people under another key and were not searched") }
        return entries
    }
}
