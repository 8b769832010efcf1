/// A text whose pieces go with the pieces of another one, by index.
struct AlignedText {
    /// The shape node of the text it is aligned with.
    var shape: Int
    /// Its tape node.
    var node: Int
    /// Its own, in ``Inspector/pieces``.
    var pieces: Range<Int>
    /// That other text, in ``Inspector/lists``, when it has as many pieces.
    var list: Int?
}
