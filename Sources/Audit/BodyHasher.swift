/// Digests bodies for ``DecisionRecord/setReceivedBody(_:)``. A worker owns one.
public struct BodyHasher: ~Copyable {
    private var hash = SHA256()

    public init() {}

    /// - Returns: SHA-256 of `bytes`.
    public mutating func digest(_ bytes: Span<UInt8>) -> AuditDigest {
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}
