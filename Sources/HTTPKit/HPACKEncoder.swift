public import Bytes

/// One connection's encoder of requests (RFC 7541), made for requests that resemble each other: a field line that was sent before is
/// found by its name's newest entry and one comparison, and goes out as one octet. Allocates nothing once made.
@safe public struct HPACKEncoder: ~Copyable {
    /// What is remembered of a name, or of the names without a token that share a hash: the newest entry.
    private struct Slot {
        /// Its number; the entry may be gone, and then nothing else here is valid.
        var newest = 0
        /// Where its value lies in the table; the name is in front.
        var value: UnsafePointer<UInt8>?
        var valueCount: UInt32 = 0
        var nameCount: UInt16 = 0
        /// How often in a row a value was not in the table.
        var misses: UInt16 = 0

        @inline(__always) var valueBytes: UnsafeBufferPointer<UInt8> { .init(start: value, count: Int(valueCount)) }
        @inline(__always) var nameBytes: UnsafeBufferPointer<UInt8> { .init(start: value.map { $0 - Int(nameCount) }, count: Int(nameCount)) }
    }

    /// The table we use of what the peer allows. More would only take longer to search.
    public static let tableSize = 4096
    /// Slots by ``HeaderToken/rawValue``, those of the names without a token of their own by ``hash(_:)``, and that of `:authority`.
    static let tokens = 64, hashes = 64, authority = tokens + hashes, slots = authority + 1
    /// After so many misses a name's values seem to be new each time (a trace, a nonce): they would only push useful entries out of the
    /// table. One in `interval` is entered all the same, and if that comes again, the name is back.
    private static let patience: UInt16 = 8, interval: UInt16 = 16

    private let statics = HPACKStaticTable.shared
    private var table = HPACKTable(capacity: Self.tableSize)
    private let slots: UnsafeMutablePointer<Slot>
    /// By entry: number of the next older entry of the same slot.
    private let older: UnsafeMutablePointer<Int>
    /// Limits to announce with the next block: the smallest that was set since the last one, and the present one.
    private var smallest: Int?
    private var latest = Self.tableSize

    public init() {
        slots = .allocate(capacity: Self.slots)
        slots.initialize(repeating: Slot(), count: Self.slots)
        older = .allocate(capacity: table.mask + 1)
    }

    deinit {
        slots.deallocate()
        older.deallocate()
    }

    // MARK: Table size

    /// Takes note of the peer's SETTINGS_HEADER_TABLE_SIZE.
    public mutating func peerTableSize(_ size: Int) {
        latest = min(max(size, 0), Self.tableSize)
        smallest = min(smallest ?? latest, latest)
    }

    /// Size updates stand in front of all fields: the smallest size that was set since the last block, and the last (section 4.2).
    @inline(never)
    private mutating func announceSize(to out: inout UnsafeMutablePointer<UInt8>) {
        guard let smallest else { return }
        self.smallest = nil
        announce(smallest, to: &out)
        announce(latest, to: &out)
    }

    private mutating func announce(_ size: Int, to out: inout UnsafeMutablePointer<UInt8>) {
        guard size != table.limit else { return }
        table.resize(size)
        HPACKInteger.write(size, prefix: 0x1f, pattern: 0x20, to: &out)
    }

    // MARK: Requests

    /// Appends the whole field block of a request over https.
    /// - Parameters:
    ///   - fields: those that were withheld are left out.
    ///   - dropped: further fields to leave out.
    ///   - length: announced as `content-length`.
    public mutating func request(
        method: UnsafeBufferPointer<UInt8>, authority: UnsafeBufferPointer<UInt8>, path: UnsafeBufferPointer<UInt8>,
        fields: borrowing FieldBlock, except dropped: HeaderTokenSet, length: Int?, into output: inout GrowableBytes
    ) {
        let texts = method.count + authority.count + path.count + fields.byteCount
        output.fill(room: texts + HPACKLiteral.room * (fields.count + 8)) { room in
            guard let start = room.baseAddress else { return 0 }
            var out = start
            if smallest != nil { announceSize(to: &out) }
            pseudoFields(method, authority, path, to: &out)
            for field in fields.all where !(field.isNominated || dropped.contains(field.token)) {
                let name = fields.raw(field.name), value = fields.raw(field.value)
                let isNamed = field.token.isWhole, slot = isNamed ? Int(field.token.rawValue) : Self.tokens &+ Self.hash(name)
                if !sendAgain(slot, isNamed ? nil : name, value, to: &out) { send(slot, field.token, name, value, to: &out) }
            }
            if let length { HPACKLiteral.contentLength(length, to: &out) }
            return out - start
        }
    }

    /// The path goes out as a literal: it differs from sender to sender and from request to request.
    @inline(__always)
    private mutating func pseudoFields(
        _ method: UnsafeBufferPointer<UInt8>, _ authority: UnsafeBufferPointer<UInt8>, _ path: UnsafeBufferPointer<UInt8>,
        to out: inout UnsafeMutablePointer<UInt8>
    ) {
        if method.count == 4, let base = method.baseAddress, base.matches("POST") {
            Self.put(0x83, to: &out)
        } else if method.count == 3, let base = method.baseAddress, base.matches("GET") {
            Self.put(0x82, to: &out)
        } else {
            HPACKLiteral.plain.write(2, method, method, to: &out)
        }
        Self.put(0x87, to: &out)        // :scheme: https
        if !sendAgain(Self.authority, nil, authority, to: &out) {
            let name: StaticString = ":authority"
            send(Self.authority, .host, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), authority, to: &out)
        }
        HPACKLiteral.plain.write(4, path, path, to: &out)
    }

    @inline(__always)
    private static func put(_ octet: UInt8, to out: inout UnsafeMutablePointer<UInt8>) {
        out.pointee = octet
        out += 1
    }

    // MARK: Fields

    /// Sends the newest entry of a slot if it is this field line.
    /// - Parameter name: `nil` when the slot has but one.
    @inline(__always)
    private mutating func sendAgain(
        _ slot: Int, _ name: UnsafeBufferPointer<UInt8>?, _ value: UnsafeBufferPointer<UInt8>, to out: inout UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let slot = slots + slot
        let number = slot.pointee.newest
        guard table.holds(number), slot.pointee.valueBytes.equals(value) else { return false }
        if let name, !slot.pointee.nameBytes.equals(name) { return false }
        slot.pointee.misses = 0
        sendIndex(number, to: &out)
        return true
    }

    @inline(__always)
    private func index(_ number: Int) -> Int { HPACKStaticTable.count &+ 1 &+ (table.inserted &- number) }

    @inline(__always)
    private func sendIndex(_ number: Int, to out: inout UnsafeMutablePointer<UInt8>) {
        HPACKInteger.write(index(number), prefix: 0x7f, pattern: 0x80, to: &out)
    }

    /// Sends a field line that is not its slot's newest entry: an older one, or a literal.
    @inline(never)
    private mutating func send(
        _ slot: Int, _ token: HeaderToken, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
        to out: inout UnsafeMutablePointer<UInt8>
    ) {
        if Self.isNeverIndexed(token, value) { return HPACKLiteral.never.write(statics.index(of: name, slot: slot), name, value, to: &out) }
        let isShared = slot >= Self.tokens && slot != Self.authority
        let newest = slots[slot].newest, misses = slots[slot].misses
        var nameIndex = isShared ? 0 : statics.index(of: name, slot: slot)
        var number = newest
        while table.holds(number) {
            let entry = table.entry(number)
            if !isShared || entry.pointee.nameBytes.equals(name) {
                if entry.pointee.valueBytes.equals(value) {
                    slots[slot].misses = 0
                    return sendIndex(number, to: &out)
                }
                if nameIndex == 0 { nameIndex = index(number) }
            }
            if misses >= Self.patience { break }
            number = older[number & table.mask]
        }
        if nameIndex == 0, isShared { nameIndex = statics.index(of: name, slot: slot) }
        let isTurn = misses == Self.patience + Self.interval
        slots[slot].misses = isTurn ? Self.patience : misses + 1
        // An entry that fills most of the table would drive out what is worth more.
        guard misses < Self.patience || isTurn, name.count + value.count + HPACKTable.overhead <= table.limit / 4 * 3 else {
            return HPACKLiteral.plain.write(nameIndex, name, value, to: &out)
        }
        HPACKLiteral.entered.write(nameIndex, name, value, to: &out)
        guard let copy = table.insert(name, value, .other, isSound: false) else { return }
        older[table.inserted & table.mask] = newest
        slots[slot] = Slot(
            newest: table.inserted, value: copy + name.count, valueCount: UInt32(value.count), nameCount: UInt16(name.count),
            misses: slots[slot].misses)
    }

    /// A small number made of a name's length and three of its octets.
    @inline(__always)
    static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        guard let base = name.baseAddress, name.count > 0 else { return 0 }
        let last = Int(base[name.count &- 1]), middle = Int(base[name.count / 2]), first = Int(base[0])
        return (name.count &+ last &* 5 &+ middle &* 11 &+ first &* 3) & (hashes - 1)
    }

    /// Field lines that no hop may index (section 7.1.3).
    ///
    /// Secrets: whoever can send guesses on the same connection, and see how long they become, must not find out another sender's. The same
    /// fields that nghttp2 and Firefox keep out, and the proxy's. And values that never come again, which would only push useful entries
    /// out of the table.
    private static func isNeverIndexed(_ token: HeaderToken, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        switch token {
        case .authorization, .proxyAuthorization: true
        case .cookie: value.count < 20
        default: value.count > 12 && HeaderTokenSet.unrepeated.contains(token)
        }
    }
}
