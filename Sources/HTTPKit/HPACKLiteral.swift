import Glibc

/// Writes literal field lines (RFC 7541 section 6.2).
///
/// Strings are never Huffman-coded: raw ones are as good to every decoder (section 5.2), and a copy costs a fraction of coding them.
enum HPACKLiteral {
    /// Both sides enter it.
    case entered
    /// Neither does.
    case plain
    /// Neither does, and no hop behind may (section 7.1.3).
    case never

    @inline(__always) private var pattern: UInt8 { self == .entered ? 0x40 : self == .plain ? 0x00 : 0x10 }
    @inline(__always) private var prefix: Int { self == .entered ? 0x3f : 0x0f }

    /// What a field line takes at most, beside its bytes.
    static let room = 3 * HPACKInteger.room

    /// - Parameter nameIndex: 0 when the name is written out.
    @inline(__always)
    func write(
        _ nameIndex: Int, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, to out: inout UnsafeMutablePointer<UInt8>
    ) {
        HPACKInteger.write(nameIndex, prefix: prefix, pattern: pattern, to: &out)
        if nameIndex == 0 { Self.string(name, to: &out) }
        Self.string(value, to: &out)
    }

    @inline(__always)
    private static func string(_ text: UnsafeBufferPointer<UInt8>, to out: inout UnsafeMutablePointer<UInt8>) {
        HPACKInteger.write(text.count, prefix: 0x7f, pattern: 0x00, to: &out)
        if let from = text.baseAddress { memcpy(out, from, text.count) }
        out += text.count
    }

    /// Writes `content-length` (index 28), not entered: a length is as short as its index.
    @inline(__always)
    static func contentLength(_ length: Int, to out: inout UnsafeMutablePointer<UInt8>) {
        HPACKInteger.write(28, prefix: 0x0f, pattern: 0x00, to: &out)
        var digits = 1
        var rest = length
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        out.pointee = UInt8(truncatingIfNeeded: digits)
        out += digits + 1
        rest = length
        for i in 1...digits {
            (out - i).pointee = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
