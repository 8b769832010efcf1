public import Recipients

/// Something that happened beside the sends, as it is read back.
public struct AuditEvent: Hashable, Sendable {
    public var stamp: AuditStamp
    public var what: String
    public var actor: String?
    public var detail: String?
    public var subject: AuditRecipient?
    /// The key under which the subject is named.
    public var key: String?
    public var channels: [Channel]
    public var ledgerPosition: UInt64?
}
