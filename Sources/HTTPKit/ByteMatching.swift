import Glibc

extension UnsafePointer<UInt8> {
    /// Whether the bytes here equal `text`. The caller has checked that `text`'s length is readable.
    /// With a literal the comparison compiles to a few word compares.
    @inline(__always)
    func matches(_ text: StaticString) -> Bool {
        memcmp(self, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// The little-endian word at `offset`; the caller has checked that 8 bytes are readable there.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(self).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The 4 bytes at `offset` likewise.
    @inline(__always)
    fileprivate func half(at offset: Int) -> UInt32 {
        UInt32(littleEndian: UnsafeRawPointer(self).loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Compares with `text`, which holds lower-case letters, ignoring ASCII case.
    func matchesIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for i in 0..<count where self[i].asciiLowercased != text.utf8Start[i] { return false }
        return true
    }

    /// Compares two runs ignoring ASCII case.
    func matchesIgnoringCase(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for i in 0..<count where self[i].asciiLowercased != other[i].asciiLowercased { return false }
        return true
    }

    /// Whether the runs hold the same bytes. Made for the values of fields: mostly short, and mostly equal when they are as long.
    @inline(__always)
    func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        if count > 32 { return memcmp(left, right, count) == 0 }
        // Two words that overlap make a run of 8 to 16 bytes, two pairs of them one of 16 to 32.
        let last = count &- 8
        if count >= 16 {
            let front = (left.word(at: 0) ^ right.word(at: 0)) | (left.word(at: 8) ^ right.word(at: 8))
            return front | (left.word(at: last &- 8) ^ right.word(at: last &- 8)) | (left.word(at: last) ^ right.word(at: last)) == 0
        }
        if count >= 8 { return (left.word(at: 0) ^ right.word(at: 0)) | (left.word(at: last) ^ right.word(at: last)) == 0 }
        if count >= 4 { return (left.half(at: 0) ^ right.half(at: 0)) | (left.half(at: count &- 4) ^ right.half(at: count &- 4)) == 0 }
        // The first, the middle and the last of at most 3 are all.
        return count == 0
            || (left[0] ^ right[0]) | (left[count &>> 1] ^ right[count &>> 1]) | (left[count &- 1] ^ right[count &- 1]) == 0
    }

    /// The part of the run in `range`; the caller keeps `range` within bounds.
    @inline(__always)
    func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: self[range])
    }
}

extension UInt8 {
    @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
    @inline(__always) var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
    /// The value of a hexadecimal digit.
    @inline(__always) var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = self | 0x20
        return letter &- 0x61 < 6 ? letter &- 0x61 &+ 10 : nil
    }
}
