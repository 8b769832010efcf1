public import Recipients

/// A person as the log names them.
public struct AuditRecipient: Hashable, Sendable {
    public var kind: IdentifierKind
    /// For people to read; `nil` when the identifier could not be read.
    public var masked: String?
    /// ``AuditKey/name(of:_:)``.
    public var hmac: String?
    public var channel: Channel?
    public var verdict: AuditRecipientVerdict?
    public var reason: String?
    /// Position in the ledger of the suppression that blocked.
    public var event: UInt64?
}
