/// Whether the bytes in which a recipient was spelled may be sent on.
public enum Spelling: Sendable, Hashable {
    /// Every parser reads these bytes alike, or every reading of them is among the candidate keys: they may be forwarded as
    /// they are when no key is suppressed.
    case agreed
    /// Parsers differ over these bytes. The keys are those of the readings we know of; the send must be refused, or the
    /// recipient rewritten in canonical form.
    case unusual

    /// The worse of the two.
    func and(_ other: Spelling) -> Spelling { self == .agreed ? other : self }
}
