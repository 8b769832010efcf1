public import Bytes
import Glibc

/// The fields of one message, and the texts of its start line, in two blocks of memory that are reused for the next message.
///
/// Used alike by HTTP/1.1 and HTTP/2. Names are kept in lower case. Ranges stay valid until ``reset()``; pointers until the next
/// mutation. Each field lies in the block as HTTP/1.1 writes it, `name: value CRLF`, so that neighbours are passed on with one
/// copy. The bytes are held in a block of its own rather than a `GrowableBytes`, because names are checked and lower-cased while
/// they are copied, with one capacity check a field.
@safe public struct FieldBlock: ~Copyable {
    /// One field: where its name and value lie in the block.
    public struct Field: Sendable {
        public var name: ByteRange
        public var value: ByteRange
        public var token: HeaderToken
        /// Whether the message's `Connection` field names it, so that it must not be passed on.
        public var isNominated: Bool
    }

    /// The most fields this block takes.
    public let fieldLimit: Int
    /// The most bytes this block takes: start line, names and values, and 4 more for each field.
    public let byteLimit: Int
    /// Fields held.
    public internal(set) var count = 0
    /// The tokens of the fields held, and those held more than once.
    public internal(set) var tokens = HeaderTokenSet(), repeatedTokens = HeaderTokenSet()

    private var block: UnsafeMutablePointer<UInt8>
    private var blockCapacity: Int
    private var blockCount = 0
    private var table: UnsafeMutablePointer<Field>
    private var tableCapacity: Int

    /// What a field takes beside its name and value: `: ` and CRLF.
    static let punctuation = 4
    private static let firstTable = 24, firstBlock = 1024, kept = 16384

    public init(fieldLimit: Int = 200, byteLimit: Int = 98304) {
        self.fieldLimit = max(fieldLimit, 1)
        self.byteLimit = min(max(byteLimit, 64), Int(Int32.max))
        tableCapacity = min(Self.firstTable, self.fieldLimit)
        table = .allocate(capacity: tableCapacity)
        blockCapacity = min(Self.firstBlock, self.byteLimit)
        block = .allocate(capacity: blockCapacity)
    }

    deinit {
        table.deallocate()
        block.deallocate()
    }

    /// Forgets every field. A block that one large message has grown past 16 KiB is given back.
    public mutating func reset() {
        count = 0
        blockCount = 0
        tokens = HeaderTokenSet()
        repeatedTokens = HeaderTokenSet()
        if blockCapacity > Self.kept {
            block.deallocate()
            blockCapacity = Self.firstBlock
            block = .allocate(capacity: blockCapacity)
        }
    }

    // MARK: Reading

    public subscript(index: Int) -> Field {
        precondition(index >= 0 && index < count)
        return table[index]
    }

    /// The same for an index that the caller's loop keeps below ``count``.
    @inline(__always)
    func field(at index: Int) -> Field { (table + index).pointee }

    /// The bytes of a range this block handed out.
    public func bytes(_ range: ByteRange) -> UnsafeBufferPointer<UInt8> {
        precondition(range.lower <= range.upper && Int(range.upper) <= blockCount)
        return UnsafeBufferPointer(start: block + Int(range.lower), count: range.count)
    }

    public func name(_ index: Int) -> UnsafeBufferPointer<UInt8> { bytes(self[index].name) }
    public func value(_ index: Int) -> UnsafeBufferPointer<UInt8> { bytes(self[index].value) }

    /// Index of the first field with `token` at or behind `start`.
    public func firstIndex(of token: HeaderToken, from start: Int = 0) -> Int? {
        guard tokens.contains(token) else { return nil }
        var i = max(start, 0)
        while i < count {
            if table[i].token == token { return i }
            i += 1
        }
        return nil
    }

    /// The value of the first field with `token`.
    public func value(of token: HeaderToken) -> UnsafeBufferPointer<UInt8>? {
        guard let index = firstIndex(of: token) else { return nil }
        return bytes(table[index].value)
    }

    /// Index of the first field called `name` (lower case) at or behind `start`.
    public func firstIndex(named name: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
        var i = max(start, 0)
        while i < count {
            let range = table[i].name
            if range.count == name.count, let text = name.baseAddress, memcmp(block + Int(range.lower), text, name.count) == 0 {
                return i
            }
            i += 1
        }
        return nil
    }

    /// Index of the first field called `name` (lower case) at or behind `start`.
    public func firstIndex(named name: StaticString, from start: Int = 0) -> Int? {
        firstIndex(named: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), from: start)
    }

    /// All fields, for a reader that takes them one after the other. Valid until the next mutation.
    @inline(__always) var all: UnsafeBufferPointer<Field> { UnsafeBufferPointer(start: table, count: count) }
    /// The bytes of a range out of ``all``, unchecked.
    @inline(__always)
    func raw(_ range: ByteRange) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: block + Int(range.lower), count: range.count) }
    /// How many bytes all texts and fields take.
    @inline(__always) var byteCount: Int { blockCount }

    // MARK: Writing

    /// Copies one field in. Checks sizes only: the rules for names and values are ``FieldRules`` and the HTTP/1.1 parsers'.
    /// - Parameter lowercaseName: whether to lower-case the name; pass `false` only for one that is lower case already.
    /// - Returns: `false` when the table or the block is full; then nothing changed.
    public mutating func append(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, lowercaseName: Bool
    ) -> Bool {
        guard let room = room(name.count + value.count + Self.punctuation) else { return false }
        if lowercaseName {
            for i in 0..<name.count { room[i] = name[i].asciiLowercased }
        } else if let source = name.baseAddress {
            memcpy(room, source, name.count)
        }
        if let source = value.baseAddress { memcpy(room + name.count + 2, source, value.count) }
        commit(room, nameCount: name.count, valueCount: value.count)
        return true
    }

    /// Copies one field in whose name is in lower case and has been looked up.
    /// - Returns: `false` when the table or the block is full; then nothing changed.
    mutating func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, token: HeaderToken) -> Bool {
        guard let room = room(name.count + value.count + Self.punctuation) else { return false }
        if let source = name.baseAddress { _ = FieldOctets.copyFindingControl(source, name.count, to: room) }
        if let source = value.baseAddress { _ = FieldOctets.copyFindingControl(source, value.count, to: room + name.count + 2) }
        commit(room, nameCount: name.count, valueCount: value.count, token: token)
        return true
    }

    /// Copies a field of our own in. Control octets in its value, which could end the line, become blanks.
    /// - Parameter name: a token in lower case.
    /// - Returns: `false` when the table or the block is full; then nothing changed.
    mutating func appendOwn(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let room = room(name.count + value.count + Self.punctuation) else { return false }
        if let source = name.baseAddress { _ = FieldOctets.copyFindingControl(source, name.count, to: room) }
        let copy = room + name.count + 2
        if let source = value.baseAddress, FieldOctets.copyFindingControl(source, value.count, to: copy) {
            for at in 0..<value.count where copy[at] < 0x20 || copy[at] == 0x7f { copy[at] = 0x20 }
        }
        commit(room, nameCount: name.count, valueCount: value.count)
        return true
    }

    /// Copies bytes in that are no field: a path, an authority.
    /// - Returns: where they lie, or `nil` when the block is full.
    public mutating func store(_ text: UnsafeBufferPointer<UInt8>) -> ByteRange? {
        guard text.count <= byteLimit - blockCount else { return nil }
        if text.count > blockCapacity - blockCount { growBlock(text.count) }
        if let source = text.baseAddress { memcpy(block + blockCount, source, text.count) }
        let start = blockCount
        blockCount += text.count
        return ByteRange(start..<blockCount)
    }

    /// Marks the field at `index` as one that `Connection` names.
    mutating func nominate(_ index: Int) {
        precondition(index >= 0 && index < count)
        table[index].isNominated = true
    }

    /// Keeps the fields with these tokens from being passed on, as if `Connection` named them.
    public mutating func withhold(_ withheld: HeaderTokenSet) {
        guard tokens.intersects(withheld) else { return }
        for index in 0..<count where withheld.contains(table[index].token) { table[index].isNominated = true }
    }

    /// Keeps the field at `index` from being passed on, as if `Connection` named it.
    public mutating func withhold(at index: Int) { nominate(index) }

    /// Room for one field of `size` bytes behind the block's end, or `nil` when the block or the table is full.
    @inline(__always)
    mutating func room(_ size: Int) -> UnsafeMutablePointer<UInt8>? {
        guard size <= byteLimit - blockCount, count < fieldLimit else { return nil }
        if size > blockCapacity - blockCount { growBlock(size) }
        if count == tableCapacity { growTable() }
        return block + blockCount
    }

    /// Enters the field whose name (in lower case) the caller has put at `room`, and its value 2 bytes behind the name.
    @inline(__always)
    mutating func commit(_ room: UnsafeMutablePointer<UInt8>, nameCount: Int, valueCount: Int) {
        commit(
            room, nameCount: nameCount, valueCount: valueCount,
            token: HeaderToken(lowercased: UnsafePointer(room), count: nameCount))
    }

    /// The same for a name that has been looked up.
    @inline(__always)
    private mutating func commit(_ room: UnsafeMutablePointer<UInt8>, nameCount: Int, valueCount: Int, token: HeaderToken) {
        let behind = nameCount &+ 2 &+ valueCount
        room[nameCount] = UInt8(ascii: ":")
        room[nameCount &+ 1] = 0x20
        room[behind] = 0x0d
        room[behind &+ 1] = 0x0a
        let name = UInt32(truncatingIfNeeded: blockCount), nameEnd = name &+ UInt32(truncatingIfNeeded: nameCount)
        (table + count).initialize(to: Field(
            name: ByteRange(lower: name, upper: nameEnd),
            value: ByteRange(lower: nameEnd &+ 2, upper: name &+ UInt32(truncatingIfNeeded: behind)),
            token: token, isNominated: false))
        count &+= 1
        blockCount &+= behind &+ 2
        repeatedTokens.insert(token, if: tokens.contains(token))
        tokens.insert(token)
    }

    @inline(never)
    private mutating func growBlock(_ more: Int) {
        var next = blockCapacity
        while next < blockCount + more { next *= 2 }
        next = min(next, byteLimit)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: next)
        memcpy(larger, block, blockCount)
        block.deallocate()
        block = larger
        blockCapacity = next
    }

    @inline(never)
    private mutating func growTable() {
        let next = min(tableCapacity * 2, fieldLimit)
        let larger = UnsafeMutablePointer<Field>.allocate(capacity: next)
        larger.initialize(from: table, count: count)
        table.deallocate()
        table = larger
        tableCapacity = next
    }
}
