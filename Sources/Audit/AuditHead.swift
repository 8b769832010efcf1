/// The end of a log: its last sealed record and the hash that stands for everything up to it. Kept outside of the machine,
/// it shows later whether records were cut from the end or the whole log was written anew.
public struct AuditHead: Hashable, Sendable {
    public var sequence: UInt64
    public var hash: AuditDigest

    public init(sequence: UInt64, hash: AuditDigest) {
        self.sequence = sequence
        self.hash = hash
    }
}
