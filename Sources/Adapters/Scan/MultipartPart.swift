public import Bytes

/// One part of a `multipart/form-data` body, as it stands there. No references.
public struct MultipartPart: Equatable, Sendable {
    /// The delimiter line in front, the head, the content and the line end behind it: what goes when the part is taken out.
    public internal(set) var range: ByteRange
    /// The name without its quotes: plain UTF-8, nothing escaped.
    public internal(set) var name: ByteRange
    /// The filename without its quotes; empty where there is none or an empty one.
    public internal(set) var filename = ByteRange(lower: 0, upper: 0)
    /// The value of the part's Content-Type; empty where there is none.
    public internal(set) var contentType = ByteRange(lower: 0, upper: 0)
    /// The digits of the part's Content-Length, which is right; empty where there is none.
    public internal(set) var length = ByteRange(lower: 0, upper: 0)
    /// What the part holds, byte for byte.
    public internal(set) var content: ByteRange
    /// Whether it has a filename in any form: some parsers take such a part for a file and not for a field.
    public internal(set) var isFile = false
    /// Whether it is text in UTF-8, by its Content-Type or for want of one.
    public internal(set) var isText = true
    /// Whether the name has a character outside of ASCII.
    public internal(set) var isNameNonASCII = false
    /// For such a name: its folded form in the tape's own memory.
    var foldedName = ByteRange(lower: 0, upper: 0)
}
