import Bytes

/// A list that shrinks when recipients are taken out of it: an array, a map, or a text that holds recipients.
struct ListState {
    enum WhenEmpty {
        /// Nobody is left: the request is rejected.
        case reject
        /// The empty list stays.
        case keep
        /// The tape node goes, out of the list it is an item of (-1: none).
        case remove(node: Int, list: Int)
    }

    /// Items that are still in.
    var live: Int
    var whenEmpty: WhenEmpty
    /// For a text: its tape node, its shape node, its bytes in the body, and its pieces in ``Inspector/pieces``.
    var textNode = -1
    var shape = -1
    var content = ByteRange(lower: 0, upper: 0)
    var pieces = 0..<0
    /// Whether its pieces are mailboxes and groups of RFC 5322.
    var holdsMailboxes = false
    /// Whether two of its separators have nothing between them.
    var hasGaps = false

    init(live: Int, whenEmpty: WhenEmpty) {
        self.live = live
        self.whenEmpty = whenEmpty
    }
}
