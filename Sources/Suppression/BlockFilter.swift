/// The blocked bloom filter of a snapshot: one 64-byte line per block of keys. Word 0 of a line locates the block's entries
/// (byte offset in bits 0 to 39, count above), words 1 to 7 are the filter: a key sets one bit in each.
///
/// Sizing. With c keys in a block a word has a bit set with probability 1 - (63/64)^c, so a key that is not there passes
/// with that to the 7th power. At a mean of 40 keys a block, Poisson spread included, 0.8 % of misses pass, for
/// 64 / 40 = 1.6 bytes an entry of which 0.2 are the locator. No other division of the line (k bits anywhere in 448)
/// does better by more than 0.2 percentage points, and this one needs no multiplication per bit.
///
/// The 42 bits come from the fraction of the position within the block, mixed with the fingerprint: of two keys with the
/// same fingerprint in the same block the filter still tells most apart, so a false match needs 64 equal bits and a pass.
enum BlockFilter {
    static let lineBytes = 64
    static let wordsPerLine = 8
    static let keysPerBlock = 40
    static let offsetBits: UInt64 = 40
    static let maxOffset: UInt64 = 1 << 40
    static let maxCount = 1 << 24

    static func blockCount(forKeys count: Int) -> Int { max(1, (count + keysPerBlock - 1) / keysPerBlock) }

    @inline(__always)
    static func bits(fraction: UInt64, fingerprint: UInt64) -> UInt64 { (fraction ^ fingerprint) >> 22 }

    @inline(__always)
    static func mayContain(_ line: UnsafePointer<UInt64>, _ bits: UInt64) -> Bool {
        let a = (line[1] &>> (bits & 63)) & (line[2] &>> ((bits &>> 6) & 63)) & (line[3] &>> ((bits &>> 12) & 63))
        let b = (line[4] &>> ((bits &>> 18) & 63)) & (line[5] &>> ((bits &>> 24) & 63))
        let c = (line[6] &>> ((bits &>> 30) & 63)) & (line[7] &>> ((bits &>> 36) & 63))
        return a & b & c & 1 != 0
    }

    static func insert(_ line: UnsafeMutablePointer<UInt64>, _ bits: UInt64) {
        for word in 1..<wordsPerLine {
            line[word] |= 1 &<< ((bits &>> UInt64(6 * (word - 1))) & 63)
        }
    }
}
