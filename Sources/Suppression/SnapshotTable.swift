/// The part of a snapshot that answers look-ups: filter lines and packed entries, in memory that somebody else owns.
///
/// The entries of a block lie together at the locator's offset: `count` times 9 bytes (fingerprint, little-endian; channels),
/// in the order of their fingerprints, then one bit per entry for its source (1: list). A key with both sources has two
/// entries, the event's first.
struct SnapshotTable {
    static let entryBytes = 9

    let lines: UnsafePointer<UInt64>
    let blockCount: UInt64
    let entries: UnsafePointer<UInt8>

    /// The bytes that `count` entries of one block take.
    @inline(__always)
    static func blockBytes(_ count: Int) -> Int { count * entryBytes + (count + 7) / 8 }

    /// The channels of both sources together; 0 when the key is not there.
    @inline(__always)
    func channels(_ key: KeyPosition) -> UInt16 {
        let (block, fraction) = key.position.multipliedFullWidth(by: blockCount)
        let line = lines + Int(truncatingIfNeeded: block) &* BlockFilter.wordsPerLine
        guard BlockFilter.mayContain(line, BlockFilter.bits(fraction: fraction, fingerprint: key.fingerprint)) else { return 0 }
        return find(line[0], key.fingerprint)
    }

    /// Whether the filter lets `key` through; for measuring it.
    func mayContain(_ key: KeyPosition) -> Bool {
        let (block, fraction) = key.position.multipliedFullWidth(by: blockCount)
        let line = lines + Int(truncatingIfNeeded: block) &* BlockFilter.wordsPerLine
        return BlockFilter.mayContain(line, BlockFilter.bits(fraction: fraction, fingerprint: key.fingerprint))
    }

    @inline(never)
    private func find(_ locator: UInt64, _ fingerprint: UInt64) -> UInt16 {
        let (base, count) = Self.locate(locator, entries)
        var i = Self.lowerBound(base, count, fingerprint)
        var channels: UInt16 = 0
        while i < count, Self.fingerprint(base, i) == fingerprint {
            channels |= UInt16(base[i &* Self.entryBytes &+ 8])
            i &+= 1
        }
        return channels
    }

    /// The channels of each source; for writers, who need them apart.
    func state(_ key: KeyPosition) -> SuppressionState {
        let (block, _) = key.position.multipliedFullWidth(by: blockCount)
        let (base, count) = Self.locate(lines[Int(block) * BlockFilter.wordsPerLine], entries)
        var i = Self.lowerBound(base, count, key.fingerprint)
        var bits: UInt16 = 0
        while i < count, Self.fingerprint(base, i) == key.fingerprint {
            let channels = UInt16(base[i * Self.entryBytes + 8])
            bits |= Self.isList(base, count, i) ? channels << 8 : channels
            i += 1
        }
        return SuppressionState(bits: bits)
    }

    @inline(__always)
    static func locate(_ locator: UInt64, _ entries: UnsafePointer<UInt8>) -> (base: UnsafePointer<UInt8>, count: Int) {
        (entries + Int(truncatingIfNeeded: locator & (BlockFilter.maxOffset &- 1)),
         Int(truncatingIfNeeded: locator &>> BlockFilter.offsetBits))
    }

    @inline(__always)
    static func fingerprint(_ base: UnsafePointer<UInt8>, _ i: Int) -> UInt64 {
        UnsafeRawPointer(base + i &* entryBytes).loadUnaligned(as: UInt64.self)
    }

    static func isList(_ base: UnsafePointer<UInt8>, _ count: Int, _ i: Int) -> Bool {
        base[count * entryBytes + i / 8] >> UInt8(i % 8) & 1 != 0
    }

    /// The first entry whose fingerprint is not below `fingerprint`. Fingerprints are uniform, so the guess by proportion
    /// is off by 2.5 entries on average at 40 a block.
    @inline(__always)
    private static func lowerBound(_ base: UnsafePointer<UInt8>, _ count: Int, _ fingerprint: UInt64) -> Int {
        var i = Int(truncatingIfNeeded: fingerprint.multipliedFullWidth(by: UInt64(truncatingIfNeeded: count)).high)
        while i < count, Self.fingerprint(base, i) < fingerprint { i &+= 1 }
        while i > 0, Self.fingerprint(base, i &- 1) >= fingerprint { i &-= 1 }
        return i
    }
}

extension SnapshotTable {
    /// A table of one block without entries, never freed. The entries pointer is never followed: the count is zero.
    nonisolated(unsafe) static let empty: SnapshotTable = {
        let line = UnsafeMutablePointer<UInt64>.allocate(capacity: BlockFilter.wordsPerLine)
        line.initialize(repeating: 0, count: BlockFilter.wordsPerLine)
        return SnapshotTable(
            lines: UnsafePointer(line), blockCount: 1, entries: UnsafePointer(UnsafeRawPointer(line).assumingMemoryBound(to: UInt8.self)))
    }()
}
