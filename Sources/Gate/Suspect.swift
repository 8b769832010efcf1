import Recipients

/// Text in a place the adapter does not know that reads like an identifier.
@usableFromInline
struct Suspect {
    /// Where its candidate keys stand in the inspector's list.
    @usableFromInline var keys: Range<Int>
    /// The tape node it was found in; -1 outside of JSON.
    var node: Int
    /// Whether one of its keys is suppressed on a channel the endpoint reaches.
    @usableFromInline var isSuppressed = false

    /// For forms: what goes with it, if that is taken out.
    var item: FormCuts.Item?

    init(keys: Range<Int>, node: Int, item: FormCuts.Item?) {
        self.keys = keys
        self.node = node
        self.item = item
    }
}
