/// A field line in the static or a dynamic table: its name, and its value right behind it.
struct HPACKEntry {
    var name: UnsafePointer<UInt8>
    var nameCount: UInt32
    var valueCount: UInt32
    var token: HeaderToken
    /// See ``HPACKField/isSound``.
    var isSound: Bool

    /// What it counts for in the table (RFC 7541 section 4.1).
    @inline(__always) var size: Int { Int(nameCount) &+ Int(valueCount) &+ HPACKTable.overhead }
    @inline(__always) var nameBytes: UnsafeBufferPointer<UInt8> { .init(start: name, count: Int(nameCount)) }
    @inline(__always) var valueBytes: UnsafeBufferPointer<UInt8> { .init(start: name + Int(nameCount), count: Int(valueCount)) }
    @inline(__always) var field: HPACKField { .init(name: nameBytes, value: valueBytes, token: token, isSound: isSound) }
}
