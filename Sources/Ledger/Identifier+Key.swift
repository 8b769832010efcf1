public import Recipients

extension Identifier {
    /// The one key under which the index knows this identifier.
    public func key(secret: DigestSecret) -> RecipientKey {
        RecipientKey(kind: kind, normalised: Array(value.utf8).span, secret: secret)
    }
}
