/// What became of a send, as it is read back.
public struct AuditOutcome: Hashable, Sendable {
    public var stamp: AuditStamp
    public var decision: AuditID
    public var result: OutcomeRecord.Result
    public var status: UInt64?
    /// The provider's message id.
    public var message: String?
    public var error: String?
    /// Microseconds.
    public var latency: UInt64
    public var bytesSent: UInt64
    public var bytesReceived: UInt64
}
