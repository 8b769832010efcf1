public import Recipients

/// A scheme in front of an identifier that changes how it is reached: `whatsapp:`.
public struct PrefixSpec: Sendable {
    public enum Meaning: Sendable, Hashable {
        /// What follows is an identifier of the slot's kind, reached on these channels.
        case channels([Channel])
        /// What follows is an id only the provider understands.
        case opaque(OpaquePolicy)
    }

    /// The scheme with its colon.
    public var text: String
    public var meaning: Meaning

    public init(text: String, meaning: Meaning) {
        self.text = text
        self.meaning = meaning
    }
}
