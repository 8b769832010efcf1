/// The name under which the index knows an identifier: SipHash-2-4-128 of its kind and normalised form under the
/// installation's secret. 16 bytes; says nothing about the identifier to whoever lacks the secret.
public struct RecipientKey: Hashable, Sendable, Comparable {
    /// The first eight bytes of the digest, little-endian.
    public let low: UInt64
    /// The last eight bytes of the digest, little-endian.
    public let high: UInt64

    @inlinable public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inlinable public static func < (a: RecipientKey, b: RecipientKey) -> Bool {
        (a.high, a.low) < (b.high, b.low)
    }
}
