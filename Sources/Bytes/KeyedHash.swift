/// SipHash-2-4 with 128 bits of output: a keyed hash for short inputs that tells nothing to whoever lacks the key.
///
/// ```swift
/// var hash = KeyedHash(low: secret.low, high: secret.high)
/// hash.update(kind)
/// hash.update(bytes)
/// let digest = hash.finish()
/// ```
/// The digest depends on the bytes alone, not on how they were cut into updates.
/// - Complexity: linear in the bytes; no allocation.
/// - Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF"; the 128-bit variant and its test vectors are those
///   of the reference implementation (github.com/veorq/SipHash, `vectors_sip128`).
public struct KeyedHash: Sendable {
    /// 16 bytes of digest: `low` is the first eight, `high` the last eight, each little-endian.
    public struct Digest: Hashable, Sendable {
        public let low: UInt64
        public let high: UInt64

        @inlinable init(low: UInt64, high: UInt64) {
            self.low = low
            self.high = high
        }
    }

    @usableFromInline var v0: UInt64
    @usableFromInline var v1: UInt64
    @usableFromInline var v2: UInt64
    @usableFromInline var v3: UInt64
    /// Up to seven bytes that do not fill a word yet, the first in the lowest bits.
    @usableFromInline var pending: UInt64 = 0
    @usableFromInline var count = 0

    /// - Parameters:
    ///   - low: the key's first eight bytes, little-endian.
    ///   - high: the key's last eight bytes, little-endian.
    @inlinable public init(low: UInt64, high: UInt64) {
        v0 = 0x736f_6d65_7073_6575 ^ low
        v1 = 0x646f_7261_6e64_6f6d ^ high ^ 0xee
        v2 = 0x6c79_6765_6e65_7261 ^ low
        v3 = 0x7465_6462_7974_6573 ^ high
    }

    /// The digest of `prefix` and `bytes`: the same as two updates and ``finish()``, at half the cost.
    @inlinable
    public static func digest(_ prefix: UInt8, _ bytes: Span<UInt8>, low: UInt64, high: UInt64) -> Digest {
        var hash = KeyedHash(low: low, high: high)
        let count = bytes.count
        // Each word of the message begins one byte before a word of `bytes`.
        var carried = UInt64(prefix)
        var index = 0
        while index &+ 8 <= count {
            let word = bytes.word(at: index)
            hash.compress(carried | word &<< 8)
            carried = word &>> 56
            index &+= 8
        }
        var length = 1
        if count >= 8, index < count {
            // The bytes that are left are the upper ones of the last word.
            let rest = count &- index
            let word = bytes.word(at: count &- 8) &>> UInt64(64 &- 8 &* rest)
            carried |= word &<< 8
            length &+= rest
            if length == 8 {
                hash.compress(carried)
                carried = 0
            }
        } else {
            while index < count {
                carried |= UInt64(bytes[index]) &<< UInt64(8 &* length)
                length &+= 1
                index &+= 1
                if length == 8 {
                    hash.compress(carried)
                    carried = 0
                    length = 0
                }
            }
        }
        hash.pending = carried
        hash.count = count &+ 1
        return hash.finish()
    }

    @inlinable @inline(__always)
    public mutating func update(_ byte: UInt8) {
        pending |= UInt64(byte) << UInt64(8 * (count & 7))
        count &+= 1
        if count & 7 == 0 {
            compress(pending)
            pending = 0
        }
    }

    @inlinable @inline(__always)
    public mutating func update(_ bytes: Span<UInt8>) {
        let raw = bytes.bytes
        let shift = UInt64(8 * (count & 7))
        var index = 0
        while bytes.count - index >= 8 {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            compress(pending | word << shift)
            // A shift by 64 gives 0: with nothing pending, nothing is carried.
            pending = word >> (64 - shift)
            index += 8
        }
        count &+= index
        while index < bytes.count {
            update(bytes[index])
            index += 1
        }
    }

    /// The digest of everything so far. More may follow.
    @inlinable @inline(__always)
    public func finish() -> Digest {
        var state = self
        state.compress(pending | UInt64(truncatingIfNeeded: count) << 56)
        state.v2 ^= 0xee
        for _ in 0..<4 { state.round() }
        let low = state.v0 ^ state.v1 ^ state.v2 ^ state.v3
        state.v1 ^= 0xdd
        for _ in 0..<4 { state.round() }
        return Digest(low: low, high: state.v0 ^ state.v1 ^ state.v2 ^ state.v3)
    }

    @inlinable @inline(__always)
    mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    @inlinable @inline(__always)
    mutating func round() {
        v0 &+= v1
        v1 = v1 &<< 13 | v1 &>> 51
        v1 ^= v0
        v0 = v0 &<< 32 | v0 &>> 32
        v2 &+= v3
        v3 = v3 &<< 16 | v3 &>> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 &<< 21 | v3 &>> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 &<< 17 | v1 &>> 47
        v1 ^= v2
        v2 = v2 &<< 32 | v2 &>> 32
    }
}
