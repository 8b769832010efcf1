import Glibc

/// Reads the fixed part of a line from left to right. Every step fails rather than read past the end.
@safe struct LineCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    /// Steps over exactly this text.
    mutating func skip(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard let base = bytes.baseAddress, bytes.count - index >= length, memcmp(base + index, text.utf8Start, length) == 0
        else { return false }
        index += length
        return true
    }

    /// A decimal number without leading zeros that fits 64 bits.
    mutating func number() -> UInt64? {
        let start = index
        var value: UInt64 = 0
        while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
            let (tens, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[index] - 0x30))
            guard !high, !carry else { return nil }
            value = sum
            index += 1
        }
        guard index > start, index == start + 1 || bytes[start] != 0x30 else { return nil }
        return value
    }

    /// 64 hexadecimal digits in lower case.
    mutating func digest() -> AuditDigest? {
        guard bytes.count - index >= 64 else { return nil }
        var digest = AuditDigest()
        for place in 0..<32 {
            guard let high = Hex.value(bytes[index]), let low = Hex.value(bytes[index + 1]) else { return nil }
            withUnsafeMutableBytes(of: &digest.words) { $0[place] = high << 4 | low }
            index += 2
        }
        return digest
    }

    /// 12 hexadecimal digits: a boot.
    mutating func boot() -> UInt64? {
        guard bytes.count - index >= 12 else { return nil }
        var value: UInt64 = 0
        for _ in 0..<12 {
            guard let digit = Hex.value(bytes[index]) else { return nil }
            value = value << 4 | UInt64(digit)
            index += 1
        }
        return value
    }

    /// A time as ``Timestamp`` writes it, in microseconds since 1970.
    mutating func time() -> Int64? {
        guard bytes.count - index >= Timestamp.length else { return nil }
        defer { index += Timestamp.length }
        return Timestamp.parse(UnsafeRawBufferPointer(rebasing: bytes[index..<index + Timestamp.length]))
    }

    /// The lower-case letters up to the next quote, as a range of the line.
    mutating func word() -> Range<Int>? {
        let start = index
        while index < bytes.count, bytes[index] >= 0x61, bytes[index] <= 0x7a { index += 1 }
        return index > start ? start..<index : nil
    }
}
