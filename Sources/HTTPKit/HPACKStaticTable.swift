/// The static table (RFC 7541 appendix A), made once for the process and never freed.
@safe struct HPACKStaticTable: @unchecked Sendable {
    static let shared = HPACKStaticTable()
    static let count = 61

    /// Entry of index `i` at `i - 1`.
    let entries: UnsafePointer<HPACKEntry>
    /// The lowest index of a slot's names; 0 when they are not in the table.
    private let indexOfSlot: UnsafePointer<UInt8>
    /// The lowest index of the slot's next name, by index; 0 behind the last.
    private let nextIndex: UnsafePointer<UInt8>

    private static let fields: [(StaticString, StaticString)] = [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"),
        (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"),
        (":status", "404"), (":status", "500"), ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""),
        ("accept-ranges", ""), ("accept", ""), ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""),
        ("cache-control", ""), ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
        ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""),
        ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""), ("if-none-match", ""), ("if-range", ""),
        ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""),
        ("server", ""), ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""),
        ("via", ""), ("www-authenticate", ""),
    ]

    private init() {
        let length = Self.fields.reduce(0) { $0 + $1.0.utf8CodeUnitCount + $1.1.utf8CodeUnitCount }
        var room = UnsafeMutablePointer<UInt8>.allocate(capacity: length)
        let entries = UnsafeMutablePointer<HPACKEntry>.allocate(capacity: Self.count)
        let indexOfSlot = UnsafeMutablePointer<UInt8>.allocate(capacity: HPACKEncoder.slots)
        let nextIndex = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.count + 1)
        indexOfSlot.initialize(repeating: 0, count: HPACKEncoder.slots)
        nextIndex.initialize(repeating: 0, count: Self.count + 1)
        // From behind, so that the lowest index of a name comes to stand in front.
        for (place, (name, value)) in Self.fields.enumerated().reversed() {
            let text = room
            for part in [name, value] {
                room.initialize(from: part.utf8Start, count: part.utf8CodeUnitCount)
                room += part.utf8CodeUnitCount
            }
            let token = HeaderToken(lowercased: text, count: name.utf8CodeUnitCount)
            var entry = HPACKEntry(
                name: text, nameCount: UInt32(name.utf8CodeUnitCount), valueCount: UInt32(value.utf8CodeUnitCount), token: token, isSound: false)
            entry.isSound = FieldRules.isSound(name: entry.nameBytes, value: entry.valueBytes, token: token)
            (entries + place).initialize(to: entry)
            let slot = token.isWhole ? Int(token.rawValue) : HPACKEncoder.tokens + HPACKEncoder.hash(entry.nameBytes)
            let next = Int(indexOfSlot[slot])
            let isSameName = next > 0 && entries[next - 1].nameBytes.equals(entry.nameBytes)
            nextIndex[place + 1] = isSameName ? nextIndex[next] : UInt8(next)
            indexOfSlot[slot] = UInt8(place + 1)
        }
        indexOfSlot[HPACKEncoder.authority] = 1
        self.entries = UnsafePointer(entries)
        self.indexOfSlot = UnsafePointer(indexOfSlot)
        self.nextIndex = UnsafePointer(nextIndex)
    }

    /// The lowest index of `name`, whose slot is ``HPACKEncoder``'s; 0 when it is not in the table.
    func index(of name: UnsafeBufferPointer<UInt8>, slot: Int) -> Int {
        var index = Int(indexOfSlot[slot])
        if slot < HPACKEncoder.tokens || slot == HPACKEncoder.authority { return index }
        while index != 0, !entries[index - 1].nameBytes.equals(name) { index = Int(nextIndex[index]) }
        return index
    }
}
