import Recipients

/// How a key is placed. `position` orders all keys: block b of a snapshot of n blocks holds the keys with
/// `position * n / 2^64 == b`, so one order serves every n and files merge as streams. The pair is a bijection of the key.
/// Of a uniform key the two are independent and uniform: the 64 bits of the fingerprint are wholly beyond those that choose
/// the block. Keys that are no digests but, say, counters, still spread.
struct KeyPosition {
    let position: UInt64
    let fingerprint: UInt64

    /// 2^64 divided by the golden ratio, odd; its inverse modulo 2^64 beside it.
    static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
    static let inverse: UInt64 = 0xF1DE_83E1_9937_733D

    /// Any odd number without pattern.
    static let spread: UInt64 = 0xD6E8_FEB8_6659_FD93

    @inline(__always)
    init(_ key: RecipientKey) {
        position = (key.high ^ Self.turned(key.low)) &* Self.multiplier
        fingerprint = key.low &+ position &* Self.spread
    }

    /// The key that ``init(_:)`` was given.
    static func key(position: UInt64, fingerprint: UInt64) -> RecipientKey {
        let low = fingerprint &- position &* spread
        return RecipientKey(low: low, high: (position &* inverse) ^ turned(low))
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
