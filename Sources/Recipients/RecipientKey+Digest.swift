import Bytes

extension RecipientKey {
    /// The key of an identifier in normal form: SipHash-2-4-128 over the kind's byte and the bytes of the form.
    ///
    /// The bytes are taken as they are. Whoever has an identifier as somebody spelled it wants ``Normaliser`` (for a
    /// send) or ``CanonicalIdentifier`` (for an opt-out) instead.
    /// - Complexity: linear; no allocation.
    public init(kind: IdentifierKind, normalised: Span<UInt8>, secret: DigestSecret) {
        let digest = KeyedHash.digest(kind.rawValue, normalised, low: secret.low, high: secret.high)
        self.init(low: digest.low, high: digest.high)
    }

    /// The key of a normal form in two pieces.
    init(kind: IdentifierKind, normalised head: Span<UInt8>, _ tail: Span<UInt8>, secret: DigestSecret) {
        if tail.isEmpty {
            self.init(kind: kind, normalised: head, secret: secret)
            return
        }
        var hash = KeyedHash(low: secret.low, high: secret.high)
        hash.update(kind.rawValue)
        hash.update(head)
        hash.update(tail)
        let digest = hash.finish()
        self.init(low: digest.low, high: digest.high)
    }
}

extension RecipientKey {
    /// The key of a phone number: that of the normal form of all its equivalents.
    init(phone number: E164, secret: DigestSecret) {
        self.init(normalPhone: NumberEquivalence.normalForm(of: number), secret: secret)
    }

    /// The key of a phone number that is its own normal form.
    init(normalPhone number: E164, secret: DigestSecret) {
        let digits = number.digits
        self.init(kind: .phone, normalised: digits.span.extracting(0..<number.count), secret: secret)
    }
}
