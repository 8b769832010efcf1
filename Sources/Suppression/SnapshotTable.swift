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
        return find(line[0], guess(line[0], key.fingerprint), key.fingerprint)
    }

    /// What the filter says of `key`: the locator of its block, or 0 for "not there". (A block that the filter lets a key
    /// into has entries, so its locator is not 0.) Without a branch, so that calls for many keys overlap.
    @inline(__always)
    func probe(_ key: KeyPosition) -> UInt64 {
        let (block, fraction) = key.position.multipliedFullWidth(by: blockCount)
        let line = lines + Int(truncatingIfNeeded: block) &* BlockFilter.wordsPerLine
        let passes = BlockFilter.mayContain(line, BlockFilter.bits(fraction: fraction, fingerprint: key.fingerprint))
        return passes ? line[0] : 0
    }

    /// The fingerprint where `fingerprint` likely is in the block that `locator` names: the first load of ``find(_:_:_:)``.
    @inline(__always)
    func guess(_ locator: UInt64, _ fingerprint: UInt64) -> UInt64 {
        let (base, count) = Self.locate(locator, entries)
        return Self.fingerprint(base, Self.guess(count, fingerprint))
    }

    /// The channels of `fingerprint` in the block that `locator` names, which is not empty.
    /// - Parameter guess: what ``guess(_:_:)`` says.
    @inline(never)
    func find(_ locator: UInt64, _ guess: UInt64, _ fingerprint: UInt64) -> UInt16 {
        let (base, count) = Self.locate(locator, entries)
        var i = Self.lowerBound(base, count, guess, fingerprint)
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
        let locator = lines[Int(block) * BlockFilter.wordsPerLine]
        let (base, count) = Self.locate(locator, entries)
        guard count > 0 else { return .none }
        var i = Self.lowerBound(base, count, guess(locator, key.fingerprint), key.fingerprint)
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

    @inline(__always)
    private static func guess(_ count: Int, _ fingerprint: UInt64) -> Int {
        Int(truncatingIfNeeded: fingerprint.multipliedFullWidth(by: UInt64(truncatingIfNeeded: count)).high)
    }

    /// The first entry whose fingerprint is not below `fingerprint`. Fingerprints are uniform, so the guess by proportion
    /// is off by 2.5 entries on average at 40 a block.
    /// - Precondition: there are entries, and `guess` is the fingerprint at the guessed place.
    @inline(__always)
    private static func lowerBound(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ guess: UInt64, _ fingerprint: UInt64
    ) -> Int {
        var i = Self.guess(count, fingerprint)
        if guess < fingerprint {
            repeat { i &+= 1 } while i < count && Self.fingerprint(base, i) < fingerprint
        } else {
            while i > 0, Self.fingerprint(base, i &- 1) >= fingerprint { i &-= 1 }
        }
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
