import Bytes

/// What turns the key of a recipient into the key of his opt-outs from one program. The index keeps them beside his opt-outs from
/// everything, so that a send costs two look-ups: whoever he is, and he in this program.
///
/// Opt-outs from single programs are kept twice: under their program, and under ``any(secret:)``, which stands for a send that names
/// no program and so may belong to every one of them.
public struct ProgramKey: Hashable, Sendable {
    @usableFromInline let low: UInt64
    @usableFromInline let high: UInt64

    /// - Parameter name: as policies and opt-outs call it. Names are the same only byte by byte.
    public init(_ name: Span<UInt8>, secret: DigestSecret) {
        // No identifier has this kind: a digest of a program is no digest of a recipient.
        var hash = KeyedHash(low: secret.low, high: secret.high)
        hash.update(0xff)
        hash.update(name)
        let digest = hash.finish()
        (low, high) = (digest.low, digest.high)
    }

    public init(_ name: String, secret: DigestSecret) { self.init(Array(name.utf8).span, secret: secret) }

    /// Opt-outs from any single program, whichever. No program has an empty name.
    public static func any(secret: DigestSecret) -> ProgramKey { ProgramKey("", secret: secret) }

    /// The key of `recipient` in this program. Both are digests under the secret, so their difference collides with another one's no
    /// more often than a digest would.
    @inlinable public func key(of recipient: RecipientKey) -> RecipientKey {
        RecipientKey(low: recipient.low ^ low, high: recipient.high ^ high)
    }
}
