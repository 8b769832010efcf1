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

    /// Whether the runs hold the same bytes. Fields are short: the words are compared here, 8 bytes a step.
    @inline(__always)
    func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        if count >= 8 {
            var i = 0
            while i < count &- 8 {
                if left.word(at: i) != right.word(at: i) { return false }
                i &+= 8
            }
            return left.word(at: count &- 8) == right.word(at: count &- 8)      // overlaps the word before
        }
        var i = 0
        while i < count {
            if left[i] != right[i] { return false }
            i &+= 1
        }
        return true
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
