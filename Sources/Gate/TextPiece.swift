import Bytes

/// One of the parts of a text that holds several, which may be taken out without the others.
struct TextPiece {
    /// Its bytes in the body, without the blanks around it.
    var range: ByteRange
    /// Whether the current verdict takes it out.
    var isCut = false
}
