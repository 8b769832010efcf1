import Recipients

/// How a key is placed. `position` orders all keys: block b of a snapshot of n blocks holds the keys with
/// `position * n / 2^64 == b`, so one order serves every n and files merge as streams. For a given `fingerprint` the position
/// is a bijection of the key's other half: the pair names the key exactly, and the 64 bits of the fingerprint are wholly
/// beyond those that choose the block.
struct KeyPosition {
    let position: UInt64
    let fingerprint: UInt64

    /// 2^64 divided by the golden ratio, odd; its inverse modulo 2^64 beside it.
    static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
    static let inverse: UInt64 = 0xF1DE_83E1_9937_733D

    @inline(__always)
    init(_ key: RecipientKey) {
        fingerprint = key.low
        position = (key.high ^ Self.turned(key.low)) &* Self.multiplier
    }

    /// The key that ``init(_:)`` was given.
    static func key(position: UInt64, fingerprint: UInt64) -> RecipientKey {
        RecipientKey(low: fingerprint, high: (position &* inverse) ^ turned(fingerprint))
    }

    @inline(__always)
    private static func turned(_ x: UInt64) -> UInt64 { x << 32 | x >> 32 }
}

extension KeyPosition {
    init(position: UInt64, fingerprint: UInt64) {
        self.position = position
        self.fingerprint = fingerprint
    }
}
