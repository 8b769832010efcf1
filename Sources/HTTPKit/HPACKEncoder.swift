public import Bytes
import Glibc

/// One connection's encoder of field blocks (RFC 7541), made for requests that resemble each other: a field line that was sent before
/// is found by its name's newest entry and one comparison, and goes out as one octet.
///
/// Strings are never Huffman-coded: raw ones are as good to every decoder (section 5.2), and a copy costs a fraction of coding them.
/// Allocates nothing once made.
@safe public struct HPACKEncoder: ~Copyable {
    /// What is remembered of a name, or of the names without a token that share a hash.
    private struct Slot {
        /// Number of the newest entry, which may be gone.
        var newest = 0
        /// How often in a row a value was not in the table.
        var misses = 0
    }

    /// The table we use of what the peer allows. More would only take longer to search.
    public static let tableSize = 4096
    /// Hashes of names without a token of their own.
    static let hashes = 64
    /// Slots of names with a token, by its raw value; the others' follow.
    static let tokens = 64
    /// Slot of `:authority`, which has no token: that of ``HeaderToken/other``, which stands for no name.
    static let authority = 0
    private static var authorityName: UnsafeBufferPointer<UInt8> {
        let name: StaticString = ":authority"
        return UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }
    /// After so many misses a name's values seem to be new each time (a trace, a nonce): they would only push useful entries out of the
    /// table. One in `interval` is entered all the same, and if that comes again, the name is back.
    private static let patience = 8, interval = 16

    private let statics = HPACKStaticTable.shared
    private var table = HPACKTable(capacity: Self.tableSize)
    private let slots: UnsafeMutablePointer<Slot>
    /// By entry: number of the next older entry of the same slot.
    private let older: UnsafeMutablePointer<Int>
    /// Limits to announce with the next block: the smallest that was set since the last one, and the present one.
    private var smallest: Int?
    private var latest = Self.tableSize

    public init() {
        slots = .allocate(capacity: Self.tokens + Self.hashes)
        slots.initialize(repeating: Slot(), count: Self.tokens + Self.hashes)
        older = .allocate(capacity: table.mask + 1)
    }

    deinit {
        slots.deallocate()
        older.deallocate()
    }

    /// Takes note of the peer's SETTINGS_HEADER_TABLE_SIZE.
    public mutating func peerTableSize(_ size: Int) {
        latest = min(max(size, 0), Self.tableSize)
        smallest = min(smallest ?? latest, latest)
    }

    /// Begins a field block: size updates stand in front of all fields (section 4.2).
    @inline(__always)
    public mutating func begin(_ output: inout GrowableBytes) {
        if smallest != nil { announceSize(&output) }
    }

    @inline(never)
    private mutating func announceSize(_ output: inout GrowableBytes) {
        if let smallest { announce(smallest, &output) }
        announce(latest, &output)
        smallest = nil
    }

    private mutating func announce(_ size: Int, _ output: inout GrowableBytes) {
        guard size != table.limit else { return }
        table.resize(size)
        Self.write(&output, HPACKInteger.room) { HPACKInteger.write(size, prefix: 0x1f, pattern: 0x20, to: &$0) }
    }

    // MARK: Fields

    /// Appends the pseudo-fields of a request over https. The path goes out as a literal: it differs from sender to sender and from
    /// request to request.
    @inline(__always)
    public mutating func request(
        method: UnsafeBufferPointer<UInt8>, authority: UnsafeBufferPointer<UInt8>, path: UnsafeBufferPointer<UInt8>,
        into output: inout GrowableBytes
    ) {
        if method.count == 4, method.baseAddress?.matches("POST") == true {
            output.append(0x83)
        } else if method.count == 3, method.baseAddress?.matches("GET") == true {
            output.append(0x82)
        } else {
            Self.literal(.plain, 2, method, method, &output)
        }
        output.append(0x87)     // :scheme: https
        if !sendAgain(Self.authority, nil, authority, &output) {
            send(Self.authority, .other, Self.authorityName, authority, indexing: true, &output)
        }
        Self.literal(.plain, 4, path, path, &output)
    }

    /// Appends a field line.
    /// - Parameters:
    ///   - token: the token of `name`, which is in lower case.
    ///   - indexing: `false` for values that never come again. They are marked as never to be indexed, as nghttp2 does with its flag
    ///     NO_INDEX.
    @inline(__always)
    public mutating func field(
        _ token: HeaderToken, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, indexing: Bool,
        into output: inout GrowableBytes
    ) {
        if token.isWhole {
            let slot = Int(token.rawValue)
            if indexing, sendAgain(slot, nil, value, &output) { return }
            send(slot, token, name, value, indexing: indexing, &output)
        } else {
            let slot = Self.tokens &+ Self.hash(name)
            if indexing, sendAgain(slot, name, value, &output) { return }
            send(slot, token, name, value, indexing: indexing, &output)
        }
    }

    /// A small number made of a name's length and three of its octets.
    @inline(__always)
    static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        guard let base = name.baseAddress, name.count > 0 else { return 0 }
        let last = Int(base[name.count &- 1]), middle = Int(base[name.count / 2]), first = Int(base[0])
        return (name.count &+ last &* 5 &+ middle &* 11 &+ first &* 3) & (hashes - 1)
    }

    /// Sends the newest entry of `slot` if it is this very field line.
    /// - Parameter name: `nil` when the slot has but one name.
    @inline(__always)
    private mutating func sendAgain(
        _ slot: Int, _ name: UnsafeBufferPointer<UInt8>?, _ value: UnsafeBufferPointer<UInt8>, _ output: inout GrowableBytes
    ) -> Bool {
        let number = slots[slot].newest
        guard table.holds(number), isEntry(number, name, value) else { return false }
        slots[slot].misses = 0
        sendIndex(number, &output)
        return true
    }

    @inline(__always)
    private func isEntry(_ number: Int, _ name: UnsafeBufferPointer<UInt8>?, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        let entry = table.entry(number)
        guard entry.pointee.valueBytes.equals(value) else { return false }
        guard let name else { return true }
        return entry.pointee.nameBytes.equals(name)
    }

    @inline(__always)
    private func index(_ number: Int) -> Int { HPACKStaticTable.count &+ 1 &+ (table.inserted &- number) }

    @inline(__always)
    private func sendIndex(_ number: Int, _ output: inout GrowableBytes) {
        let index = index(number)
        if index < 0x7f {
            output.append(0x80 | UInt8(truncatingIfNeeded: index))
        } else {
            Self.write(&output, HPACKInteger.room) { HPACKInteger.write(index, prefix: 0x7f, pattern: 0x80, to: &$0) }
        }
    }

    /// Sends a field line that is not its name's newest entry: an older one, or a literal.
    @inline(never)
    private mutating func send(
        _ slot: Int, _ token: HeaderToken, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, indexing: Bool,
        _ output: inout GrowableBytes
    ) {
        let isShared = slot >= Self.tokens
        var nameIndex = isShared ? 0 : Int(statics.indexOfToken[slot])
        guard indexing, !Self.isSensitive(token, value) else {
            if isShared { nameIndex = statics.index(of: name, hash: slot - Self.tokens) }
            return Self.literal(.never, nameIndex, name, value, &output)
        }
        let misses = slots[slot].misses, newest = slots[slot].newest
        var number = newest
        while table.holds(number) {
            if isEntry(number, isShared ? name : nil, value) {
                slots[slot].misses = 0
                return sendIndex(number, &output)
            }
            if nameIndex == 0, !isShared || table.entry(number).pointee.nameBytes.equals(name) { nameIndex = index(number) }
            if misses >= Self.patience { break }
            number = older[number & table.mask]
        }
        if nameIndex == 0, isShared { nameIndex = statics.index(of: name, hash: slot - Self.tokens) }
        let isTried = misses < Self.patience || misses == Self.patience + Self.interval
        slots[slot].misses = misses == Self.patience + Self.interval ? Self.patience : misses + 1
        // An entry that fills most of the table drives out what is worth more. A length is as short as its index.
        guard isTried, token != .contentLength, name.count + value.count + HPACKTable.overhead <= table.limit / 4 * 3 else {
            return Self.literal(.plain, nameIndex, name, value, &output)
        }
        Self.literal(.entered, nameIndex, name, value, &output)
        guard table.insert(name, value, token, isSound: false) else { return }
        older[table.inserted & table.mask] = newest
        slots[slot].newest = table.inserted
    }

    /// Field lines that are marked as never to be indexed (section 7.1.3): whoever can send guesses on the same connection and see how
    /// long they become must not find out another sender's secret. The same that nghttp2 and Firefox keep out, and the proxy's.
    private static func isSensitive(_ token: HeaderToken, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        token == .authorization || token == .proxyAuthorization || token == .cookie && value.count < 20
    }

    // MARK: Representations

    private enum Literal {
        case entered, plain, never

        var pattern: UInt8 { self == .entered ? 0x40 : self == .plain ? 0x00 : 0x10 }
        var prefix: Int { self == .entered ? 0x3f : 0x0f }
    }

    /// Writes a literal field line.
    /// - Parameter nameIndex: 0 when the name is written out.
    @inline(__always)
    private static func literal(
        _ kind: Literal, _ nameIndex: Int, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
        _ output: inout GrowableBytes
    ) {
        write(&output, name.count + value.count + 3 * HPACKInteger.room) {
            HPACKInteger.write(nameIndex, prefix: kind.prefix, pattern: kind.pattern, to: &$0)
            if nameIndex == 0 { string(name, to: &$0) }
            string(value, to: &$0)
        }
    }

    @inline(__always)
    private static func string(_ text: UnsafeBufferPointer<UInt8>, to out: inout UnsafeMutablePointer<UInt8>) {
        HPACKInteger.write(text.count, prefix: 0x7f, pattern: 0x00, to: &out)
        if let from = text.baseAddress { memcpy(out, from, text.count) }
        out += text.count
    }

    /// Lends `body` room for `size` octets, and appends those that it wrote.
    @inline(__always)
    private static func write(_ output: inout GrowableBytes, _ size: Int, _ body: (inout UnsafeMutablePointer<UInt8>) -> Void) {
        output.fill(room: size) { room in
            guard let start = room.baseAddress else { return 0 }
            var out = start
            body(&out)
            return out - start
        }
    }
}
