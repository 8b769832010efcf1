import Bytes

/// One connection's decoder of field blocks (RFC 7541): the dynamic table that the peer fills, and scratch for Huffman-coded strings.
/// Allocates only while a string is the longest so far.
///
/// It accepts what nghttp2's inflater accepts, and hands out the same fields; HPACKDifferentialTests holds the two against each other.
@safe public struct HPACKDecoder: ~Copyable {
    /// The most octets of one string literal, as they stand in the block. Bounds the scratch, whoever bounds the block.
    public static let stringLimit = 65536
    private static let keptScratch = 4096

    private let statics = HPACKStaticTable.shared.entries
    private let huffman = HPACKHuffman.shared
    private var table: HPACKTable
    private var nameScratch = GrowableBytes(), valueScratch = GrowableBytes()

    /// - Parameter tableSize: what our SETTINGS allow; 4096 is the protocol's default.
    public init(tableSize: Int = 4096) {
        table = HPACKTable(capacity: tableSize)
    }

    /// Decodes a whole field block, HEADERS and CONTINUATION joined, and calls `field` for every field line in order.
    ///
    /// Inlined with `field`, so that the closure costs no call. Fields handed out before an error count for nothing.
    /// - Throws: what ends the connection; the decoder cannot be used again then.
    @inline(__always)
    public mutating func decode(_ block: UnsafeBufferPointer<UInt8>, _ field: (HPACKField) -> Void) throws(HPACKError) {
        guard var at = block.baseAddress else { return }
        let end = at + block.count
        while at < end, at.pointee & 0xe0 == 0x20 { try resize(&at, end) }
        while at < end {
            let first = at.pointee
            if first >= 0x80 {
                at += 1
                var index = Int(first & 0x7f)
                if index == 0x7f { index = try HPACKInteger.read(&at, end, prefix: 0x7f) }
                field(try entry(index).pointee.field)
            } else {
                field(try literal(&at, end))
            }
        }
    }

    @inline(__always)
    private func entry(_ index: Int) throws(HPACKError) -> UnsafePointer<HPACKEntry> {
        let back = index &- HPACKStaticTable.count &- 1
        if back >= 0 {
            guard back < table.count else { throw .index }
            return table.entry(table.inserted &- back)
        }
        guard index > 0 else { throw .index }
        return statics + (index &- 1)
    }

    /// A dynamic table size update.
    @inline(never)
    private mutating func resize(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(HPACKError) {
        let size = try integer(&at, end, prefix: 0x1f)
        guard size <= table.capacity else { throw .tableSize }
        table.resize(size)
    }

    /// A literal with incremental indexing (pattern 01), without (0000) or never indexed (0001).
    @inline(never)
    private mutating func literal(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(HPACKError) -> HPACKField {
        let first = at.pointee
        // A size update must stand in front of all fields.
        guard first & 0xe0 != 0x20 else { throw .tableSize }
        let isIndexed = first & 0x40 != 0
        let index = try integer(&at, end, prefix: isIndexed ? 0x3f : 0x0f)
        let name: UnsafeBufferPointer<UInt8>, token: HeaderToken
        if index != 0 {
            let named = try entry(index)
            name = named.pointee.nameBytes
            token = named.pointee.token
        } else {
            name = try Self.string(&at, end, huffman, &nameScratch)
            token = HeaderToken(lowercased: name)
        }
        let value = try Self.string(&at, end, huffman, &valueScratch)
        var field = HPACKField(name: name, value: value, token: token, isSound: false)
        guard isIndexed else { return field }
        field.isSound = FieldRules.isSound(name: name, value: value, token: token)
        // The name stays where it is even if its entry has to go: the table never writes over what it has just evicted.
        _ = table.insert(name, value, token, isSound: field.isSound)
        return field
    }

    @inline(__always)
    private func integer(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, prefix: Int) throws(HPACKError) -> Int {
        let value = Int(at.pointee) & prefix
        at += 1
        return value < prefix ? value : try HPACKInteger.read(&at, end, prefix: prefix)
    }

    /// A string literal: in the block itself, or in `scratch` when it is Huffman-coded.
    @inline(__always)
    private static func string(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ huffman: HPACKHuffman, _ scratch: inout GrowableBytes
    ) throws(HPACKError) -> UnsafeBufferPointer<UInt8> {
        guard at < end else { throw .truncated }
        let first = at.pointee
        at += 1
        var count = Int(first & 0x7f)
        if count == 0x7f { count = try HPACKInteger.read(&at, end, prefix: 0x7f) }
        guard count <= stringLimit else { throw .string }
        guard count <= end - at else { throw .truncated }
        let source = at
        at += count
        guard first & 0x80 != 0 else { return UnsafeBufferPointer(start: source, count: count) }
        scratch.reset(keeping: keptScratch)
        try scratch.fill(room: HPACKHuffman.room(count)) { room throws(HPACKError) in
            guard let start = room.baseAddress, let length = huffman.decode(source, count, to: start) else { throw .huffman }
            return length
        }
        return scratch.bytes
    }
}
