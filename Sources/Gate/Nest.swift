import Adapters
import Bytes

/// A text of the request that holds texts with recipients.
struct Nest {
    /// An index into ``Endpoint/slots``.
    var slot: Int
    var source: RecipientFinding.Source
    /// For JSON: the tape node of the text; -1 elsewhere.
    var node: Int
    /// For forms: the field; -1 elsewhere.
    var field: Int
    /// What fills the holes in the field's name.
    var numbers = FormPattern.Numbers()
    /// Where the text stands, and how it is written there.
    var raw: ByteRange
    var coding: TextCoding
    /// How many recipients it holds, and how many the current verdict leaves.
    var count = 0
    var left = 0
}
