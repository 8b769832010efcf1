/// Integers as RFC 7541 section 5.1 writes them: in the low bits of an octet, and in further ones when they don't fit.
enum HPACKInteger {
    /// Reads what stands behind a prefix whose bits are all ones. An integer of the longest kind, five octets, is below 2³⁵.
    /// - Parameter prefix: the prefix's largest value.
    static func read(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, prefix: Int) throws(HPACKError) -> Int {
        var value = prefix
        var shift = 0
        while true {
            guard at < end else { throw .truncated }
            guard shift <= 28 else { throw .integer }
            let octet = at.pointee
            at += 1
            value += Int(octet & 0x7f) << shift
            guard value <= Int(UInt32.max) else { throw .integer }
            if octet & 0x80 == 0 { return value }
            shift += 7
        }
    }

    /// The most octets ``write(_:prefix:pattern:to:)`` writes for a length or an index.
    static let room = 10

    /// Writes `value` behind `pattern`, whose low bits are the prefix.
    /// - Parameter prefix: the prefix's largest value.
    @inline(__always)
    static func write(_ value: Int, prefix: Int, pattern: UInt8, to out: inout UnsafeMutablePointer<UInt8>) {
        if value < prefix {
            out.pointee = pattern | UInt8(truncatingIfNeeded: value)
            out += 1
        } else {
            writeLong(value, prefix: prefix, pattern: pattern, to: &out)
        }
    }

    @inline(never)
    private static func writeLong(_ value: Int, prefix: Int, pattern: UInt8, to out: inout UnsafeMutablePointer<UInt8>) {
        out.pointee = pattern | UInt8(truncatingIfNeeded: prefix)
        out += 1
        var rest = value - prefix
        while rest >= 0x80 {
            out.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            out += 1
            rest >>= 7
        }
        out.pointee = UInt8(truncatingIfNeeded: rest)
        out += 1
    }
}
