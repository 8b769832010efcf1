public import Recipients

extension Identifier {
    /// The identifier whose normal form (``Recipients/CanonicalIdentifier/normalForm``) is given. Phone numbers get a plus, so
    /// that people and programs read them as what they are.
    init(kind: IdentifierKind, normalForm: String) {
        self.init(kind: kind, value: kind == .phone ? "+" + normalForm : normalForm)
    }

    /// The one key under which the index knows this identifier.
    public func key(secret: DigestSecret) -> RecipientKey {
        let bytes = Array(value.utf8)
        let hasPlus = kind == .phone && bytes.first == UInt8(ascii: "+")
        return RecipientKey(kind: kind, normalised: bytes.span.extracting((hasPlus ? 1 : 0)...), secret: secret)
    }
}
