public import Recipients

/// A decision as it is read back, with what became of it.
public struct AuditDecision: Hashable, Sendable {
    public var stamp: AuditStamp
    public var id: AuditID
    public var provider: String?
    public var endpoint: String?
    public var program: String?
    public var messageClass: String?
    public var campaign: String?
    public var cause: String?
    public var client: String?
    public var degraded: String?
    /// When the provider is to send it, as the sender wrote it; `nil` for a send that goes at once.
    public var scheduled: String?
    /// The call that takes a send for later back; `{message_id}` stands for the outcome's message id.
    public var cancel: String?
    public var verdict: AuditVerdict
    public var enforcement: AuditEnforcement
    public var channels: [Channel]
    /// 16 hexadecimal digits of the ruleset's hash.
    public var ruleset: String
    public var ledgerPosition: UInt64
    /// SHA-256 of the body as received and as forwarded, where they were taken.
    public var receivedBody: AuditDigest?
    public var forwardedBody: AuditDigest?
    /// The key under which the recipients are named: ``AuditKey/id``.
    public var key: String
    public var recipients: [AuditRecipient]
    public var fate: Fate = .unknown

    public enum Fate: Hashable, Sendable {
        /// Answered here: nothing went to the provider.
        case kept
        case known(AuditOutcome)
        /// Nothing was written about what became of the send: the process ended before, or it is still under way. The
        /// provider may have it.
        case unknown
    }
}
