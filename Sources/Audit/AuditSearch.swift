import Glibc

/// Finds records in a log in one pass, and brings every decision together with its outcome. It does not check the log:
/// ``AuditVerifier`` does.
public struct AuditSearch: Sendable {
    private let directory: String
    private let key: AuditKey?

    /// What a search went through.
    public struct Summary: Hashable, Sendable {
        public var found = 0
        public var records: UInt64 = 0
        /// Lines that are no records; a check of the log says what is wrong with them.
        public var unreadable: UInt64 = 0
        /// Records that name people under another key than the one at hand: a search by person cannot see into them.
        public var underOtherKeys: UInt64 = 0
        /// More matched than ``AuditQuery/limit``.
        public var isTruncated = false
    }

    /// - Parameter key: needed to search by person.
    public init(directory: String, key: AuditKey?) {
        self.directory = directory
        self.key = key
    }

    /// Reads the whole log and hands out what matches in the order of the log: decisions with their outcomes, and, when
    /// neither verdict nor provider nor id is asked for, events.
    /// - Parameter body: returns `false` to end the search.
    /// - Throws: ``AuditFailure/system(_:path:errno:)``; ``AuditFailure/setting(_:)`` when the query names a person and there
    ///   is no key.
    @discardableResult
    public func run(_ query: AuditQuery, _ body: (AuditEntry) -> Bool) throws(AuditFailure) -> Summary {
        var matcher = AuditMatcher(query: query, key: key)
        if query.person != nil, key == nil { throw .setting("a search by person needs the audit key") }
        var pending = PendingDecisions()
        var decoder = EntryDecoder()
        var summary = Summary()
        let reader = LogReader(directory: directory)
        var goesOn = true
        while goesOn, !summary.isTruncated || !pending.isEmpty {
            let step = try reader.next { line, file, number -> EntryDecoder.Step in
                matcher.wants(line, isInsideDecision: decoder.isInsideDecision, hasPending: !pending.isEmpty)
                    ? decoder.take(line, file: file, number: number) : .nothing
            }
            guard let step else { break }
            switch step {
            case .nothing: break
            case .unreadable: summary.unreadable += 1
            case .entry(.outcome(let outcome)): pending.settle(outcome)
            case .entry(.mark(let mark)):
                if case .open = mark.kind { pending.giveUp() }
            case .entry(let entry):
                if matcher.matches(entry) {
                    if summary.found == query.limit {
                        summary.isTruncated = true
                    } else {
                        summary.found += 1
                        pending.add(entry)
                    }
                }
            }
            goesOn = pending.drain(body)
        }
        pending.giveUp()
        if goesOn { _ = pending.drain(body) }
        summary.records = matcher.records
        summary.underOtherKeys = matcher.underOtherKeys
        return summary
    }
}
