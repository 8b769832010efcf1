/// One change to a text that holds another one: bytes that go, and what is written in their place.
struct NestedEdit: Equatable {
    /// Offsets into the text as the field holds it, the field's own coding taken off.
    var range: Range<Int>
    /// Empty, or base 64.
    var replacement: [UInt8] = []
}
