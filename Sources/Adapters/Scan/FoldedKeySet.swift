import Bytes

/// Finds keys that repeat within one object under folding, for all objects that are open at a time.
///
/// The keys of the open objects form a stack, an object's own keys on top. A small object compares a key with each of its
/// others, by fingerprint first; from ``linearMost`` keys on a hash table answers, under a secret drawn per tape, so that
/// chosen keys cannot be made to collide. Keys of plain ASCII stay where they are in the body; the others are folded once
/// into ``stored``.
struct FoldedKeySet: ~Copyable {
    /// Up to this many keys an object needs no table.
    static let linearMost = 16

    /// Not private: as a type argument of a stored property that would crash the compiler (6.3.1, debug).
    struct Entry {
        var fingerprint: UInt64
        var range: ByteRange
        var offset: UInt32
        var isStored: Bool
    }

    private struct Slot {
        var epoch: UInt32
        var key: UInt32
        var hash: UInt32
    }

    private var entries = UniqueArray<Entry>(capacity: 64)
    private var slots: [Slot] = []
    private var used = 0
    private var seed0: UInt64
    private var seed1: UInt64
    /// Every object that opens gets the next epoch: a slot of an older one never matches, so the table needs no clearing.
    private var epoch: UInt32 = 0
    private var scanEpoch: UInt32 = 1

    /// The folded forms of keys outside of plain ASCII, and which node each belongs to, in reading order.
    private var stored: [UInt8] = []
    private var storedKeys: [(node: UInt32, range: ByteRange)] = []
    /// Raw bytes of such keys so far in this scan.
    private(set) var storedCost = 0

    init() {
        var random = SystemRandomNumberGenerator()
        seed0 = random.next()
        seed1 = random.next()
    }

    /// Forgets all keys and keeps the storage.
    mutating func reset() {
        entries.removeAll()
        if storedCost > 0 {
            stored.removeAll(keepingCapacity: true)
            storedKeys.removeAll(keepingCapacity: true)
            storedCost = 0
        }
        used = 0
        if epoch > UInt32.max / 2 {
            slots.removeAll()
            epoch = 0
        }
        scanEpoch = epoch + 1
    }

    /// Begins an object. What it returns goes with every key that is added, and `base` to ``close(_:)``.
    mutating func open() -> (base: Int, epoch: UInt32) {
        epoch &+= 1
        return (entries.count, epoch)
    }

    @inline(__always)
    mutating func close(_ base: Int) { entries.truncate(to: base) }

    /// Adds a key of the innermost open object that is ASCII without escapes and stands at `content`.
    /// - Returns: the offset of the earlier key that it repeats, `nil` when there is none.
    mutating func addPlain(_ content: Range<Int>, _ base: Int, _ epoch: UInt32, in body: Span<UInt8>) -> Int? {
        var range = content
        // Blanks at the ends are rare.
        if !content.isEmpty && (body[content.lowerBound] == 0x20 || body[content.upperBound - 1] == 0x20) {
            range = ASCIIText.trimmingBlanks(body, range)
        }
        let entry = Entry(
            fingerprint: Self.fingerprint(body, range.lowerBound, range.count), range: ByteRange(range),
            offset: UInt32(truncatingIfNeeded: content.lowerBound - 1), isStored: false)
        return add(entry, base, epoch, body)
    }

    /// The same for a key of `count` bytes from `lower` on, with no blanks at its ends, whose fingerprint is known.
    @inline(__always)
    mutating func addPlain(
        _ lower: Int, _ count: Int, fingerprint: UInt64, _ base: Int, _ epoch: UInt32, in body: Span<UInt8>
    ) -> Int? {
        let start = UInt32(truncatingIfNeeded: lower)
        let range = ByteRange(lower: start, upper: start &+ UInt32(truncatingIfNeeded: count))
        return add(Entry(fingerprint: fingerprint, range: range, offset: start &- 1, isStored: false), base, epoch, body)
    }

    /// Adds a key of the innermost open object that has escapes or characters outside of ASCII.
    /// - Parameters:
    ///   - content: its bytes between the quotes.
    ///   - node: the index that its value's node will get.
    /// - Returns: the offset of the earlier key that it repeats, `nil` when there is none.
    mutating func addFolded(_ content: Range<Int>, node: Int, _ base: Int, _ epoch: UInt32, in body: Span<UInt8>) -> Int? {
        storedCost += content.count
        let range = store(body.extracting(content))
        storedKeys.append((UInt32(node), ByteRange(range)))
        let entry = Entry(
            fingerprint: Self.fingerprint(stored.span, range.lowerBound, range.count), range: ByteRange(range),
            offset: UInt32(content.lowerBound - 1), isStored: true)
        return add(entry, base, epoch, body)
    }

    @inline(__always)
    private mutating func add(_ entry: Entry, _ base: Int, _ epoch: UInt32, _ body: Span<UInt8>) -> Int? {
        let count = entries.count
        guard count - base < Self.linearMost else { return addToTable(entry, base, epoch, body) }
        var i = base
        while i < count {
            if entries[i].fingerprint == entry.fingerprint && equal(entries[i], entry, body) { return Int(entries[i].offset) }
            i += 1
        }
        entries.append(entry)
        return nil
    }

    @inline(never)
    private mutating func addToTable(_ entry: Entry, _ base: Int, _ epoch: UInt32, _ body: Span<UInt8>) -> Int? {
        if entries.count - base == Self.linearMost {
            for i in base..<entries.count { _ = insert(i, epoch, body) }
        }
        entries.append(entry)
        return insert(entries.count - 1, epoch, body).map { Int(entries[$0].offset) }
    }

    /// Whether the key of `node`, one that is not plain, folds to the same as `name`, which is ASCII or folded already.
    func storedKey(of node: Int, equals name: Span<UInt8>) -> Bool {
        var low = 0
        var high = storedKeys.count
        while low < high {
            let middle = (low + high) / 2
            if storedKeys[middle].node < node { low = middle + 1 } else { high = middle }
        }
        guard low < storedKeys.count, storedKeys[low].node == node else { return false }
        return ASCIIText.caselessEqual(
            stored.span.extracting(storedKeys[low].range.range), name.extracting(ASCIIText.trimmingBlanks(name, name.indices)))
    }

    /// Appends the folded form of `raw`, a key's text with escapes, and returns where it stands.
    private mutating func store(_ raw: Span<UInt8>) -> Range<Int> {
        let start = stored.count
        JSONEscapes.append(raw, to: &stored)
        var isASCII = true
        for i in start..<stored.count where stored[i] > 0x7f { isASCII = false }
        if isASCII { return ASCIIText.trimmingBlanks(stored.span, start..<stored.count) }
        let middle = stored.count
        let text = Array(stored[start..<middle])
        CompatibilityFolding.fold(text.span, into: &stored)
        return middle..<stored.count
    }

    private func equal(_ a: Entry, _ b: Entry, _ body: Span<UInt8>) -> Bool {
        let first = a.range.range
        let second = b.range.range
        switch (a.isStored, b.isStored) {
        case (false, false): return ASCIIText.caselessEqual(body.extracting(first), body.extracting(second))
        case (false, true): return ASCIIText.caselessEqual(body.extracting(first), stored.span.extracting(second))
        case (true, false): return ASCIIText.caselessEqual(stored.span.extracting(first), body.extracting(second))
        case (true, true): return ASCIIText.caselessEqual(stored.span.extracting(first), stored.span.extracting(second))
        }
    }

    /// Puts the entry into the table.
    /// - Returns: the entry of the same object that it repeats.
    private mutating func insert(_ key: Int, _ epoch: UInt32, _ body: Span<UInt8>) -> Int? {
        if (used + 1) * 2 > slots.count { enlarge() }
        let entry = entries[key]
        let hash =
            entry.isStored
            ? hash(stored.span.extracting(entry.range.range), epoch) : hash(body.extracting(entry.range.range), epoch)
        let mask = slots.count - 1
        var at = Int(hash) & mask
        while slots[at].epoch >= scanEpoch {
            let slot = slots[at]
            if slot.epoch == epoch && slot.hash == hash && equal(entries[Int(slot.key)], entry, body) { return Int(slot.key) }
            at = (at + 1) & mask
        }
        slots[at] = Slot(epoch: epoch, key: UInt32(key), hash: hash)
        used += 1
        return nil
    }

    private mutating func enlarge() {
        let old = slots
        slots = Array(repeating: Slot(epoch: 0, key: 0, hash: 0), count: max(old.count * 2, 256))
        let mask = slots.count - 1
        for slot in old where slot.epoch >= scanEpoch {
            var at = Int(slot.hash) & mask
            while slots[at].epoch >= scanEpoch { at = (at + 1) & mask }
            slots[at] = slot
        }
    }

    /// Tells most keys apart; equal for keys that fold to the same bytes. No secret: chosen collisions cost a comparison, at
    /// most ``linearMost`` a key.
    private static func fingerprint(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        let first = bytes.word(at: start, length: min(count, 8))
        return count < 8 ? fingerprint(first) : fingerprint(first, bytes.word(at: start &+ count &- 8), count)
    }

    /// The same of a key of less than eight bytes, zero above its last. Capitals and small letters differ in one bit.
    @inline(__always)
    static func fingerprint(_ word: UInt64) -> UInt64 { word | 0x2020_2020_2020_2020 }

    /// The same of a key of `count` bytes, eight or more, by the first and the last eight of them.
    @inline(__always)
    static func fingerprint(_ first: UInt64, _ last: UInt64, _ count: Int) -> UInt64 {
        let last = fingerprint(last)
        return fingerprint(first) &* 0x9e37_79b9_7f4a_7c15 ^ (last &<< 7 | last &>> 57) &+ UInt64(truncatingIfNeeded: count)
    }

    private func hash(_ key: Span<UInt8>, _ epoch: UInt32) -> UInt32 {
        var sip = SipHash13(seed0, seed1 ^ UInt64(epoch))
        var i = 0
        while i + 8 <= key.count {
            sip.mix(ASCIIText.lowercase(key.word(at: i)))
            i += 8
        }
        // The length keeps "a" and "a\0" apart, as in SipHash itself.
        sip.mix(ASCIIText.lowercase(key.word(at: i, length: key.count - i)) | UInt64(truncatingIfNeeded: key.count) << 56)
        return UInt32(truncatingIfNeeded: sip.finish())
    }
}
