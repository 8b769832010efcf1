public import Recipients

/// What to look for in a log. Everything that is set has to match.
public struct AuditQuery: Hashable, Sendable {
    /// A person, by normalised identifier.
    public struct Person: Hashable, Sendable {
        public var kind: IdentifierKind
        public var identifier: String
        public init(kind: IdentifierKind, identifier: String) {
            self.kind = kind
            self.identifier = identifier
        }
    }

    public var person: Person?
    public var verdict: AuditVerdict?
    public var provider: String?
    public var id: AuditID?
    /// Only sends that were for later.
    public var isScheduled = false
    /// Microseconds since 1970, inclusive.
    public var from: Int64?
    /// Microseconds since 1970, exclusive.
    public var to: Int64?
    /// Entries to hand out at most. Also bounds the memory a search takes.
    public var limit = 10_000

    public init() {}
}
