/// A field line as ``HPACKDecoder`` hands it out. The bytes are the decoder's or the block's: they live for that call only.
public struct HPACKField {
    public var name: UnsafeBufferPointer<UInt8>
    public var value: UnsafeBufferPointer<UInt8>
    /// The name's token; ``HeaderToken/other`` for pseudo-fields.
    public var token: HeaderToken
    /// Name and value are known to keep the rules for a response's fields (``FieldRules/isSound(name:value:token:)``): they come from a
    /// table entry that was checked when it was entered. `false` says nothing.
    public var isSound: Bool
}
