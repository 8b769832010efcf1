import Recipients

/// Text in a place the adapter does not know that reads like an identifier, or a key that names a recipient.
@usableFromInline
struct Suspect {
    /// Where its candidate keys stand in the inspector's list.
    @usableFromInline var keys: Range<Int>
    /// The tape node it was found in; -1 outside of JSON.
    var node: Int
    /// Whether one of its keys is suppressed on a channel the endpoint reaches.
    @usableFromInline var isSuppressed = false

    /// Whether it is the key of a member that goes with a recipient: it is cut when somebody is, and no reason to refuse.
    let isKeyed: Bool

    /// The finding in whose member of a text it stands, which it goes with; -1 where there is none.
    var finding = -1

    /// For forms: what goes with it, if that is taken out.
    let item: FormCuts.Item?

    init(keys: Range<Int>, node: Int, isKeyed: Bool = false, item: FormCuts.Item? = nil) {
        self.keys = keys
        self.node = node
        self.isKeyed = isKeyed
        self.item = item
    }
}
