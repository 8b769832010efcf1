public import Bytes

/// One `name=value` of a form, as it stands in the body. No references.
public struct FormField: Equatable, Sendable, BitwiseCopyable {
    /// The raw bytes before the first `=`.
    public internal(set) var name: ByteRange
    /// The raw bytes behind the first `=`; empty, at the field's end, when there is none.
    public internal(set) var value: ByteRange
    /// The name has a percent escape or a `+`.
    public internal(set) var isNameEncoded: Bool
    /// The value has a percent escape or a `+`.
    public internal(set) var isValueEncoded: Bool
    /// The name, decoded, has a character outside of ASCII.
    public internal(set) var isNameNonASCII: Bool
    /// Where the tape keeps the decoded name; meaningful when the name is encoded or not ASCII.
    var decodedName = ByteRange(lower: 0, upper: 0)
    /// Where the tape keeps the folded name; meaningful when the name is not ASCII.
    var foldedName = ByteRange(lower: 0, upper: 0)

    /// The whole field, without the `&` on either side.
    public var range: Range<Int> { Int(name.lower)..<Int(value.upper) }
}
