/// Which octets may stand where in a message head, tested a word at a time where it pays.
enum FieldOctets {
    /// 256 bytes: for a token octet (RFC 9110 section 5.6.2) the octet in lower case, else 0.
    @inline(__always)
    static var lowercasedToken: UnsafePointer<UInt8> {
        // A literal's address is a constant: no lazy initialisation, no bounds check; a byte cannot index past 255.
        let table: StaticString = """
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0!\0#$%&'\0\0*+\0-.\00123456789\0\0\0\0\0\0\
            \0abcdefghijklmnopqrstuvwxyz\0\0\0^_\
            `abcdefghijklmnopqrstuvwxyz\0|\0~\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0
            """
        return table.utf8Start
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Non-zero when a byte of `word` is below `bound` (at most 0x80).
    @inline(__always)
    private static func below(_ bound: UInt64, _ word: UInt64) -> UInt64 { (word &- ones &* bound) & ~word & tops }

    /// Non-zero when a byte of `word` equals `byte`.
    @inline(__always)
    private static func equal(_ byte: UInt64, _ word: UInt64) -> UInt64 { below(1, word ^ (ones &* byte)) }

    /// The fault of a field value, or `nil` when it holds only blanks, visible octets and octets above 0x7f.
    /// - Complexity: linear, 8 bytes a step while there is no control octet.
    @inline(__always)
    static func valueFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        var i = 0
        var bad: UInt64 = 0
        while i &+ 8 <= count {
            let word = p.word(at: i)
            bad |= below(0x20, word) | equal(0x7f, word)
            i &+= 8
        }
        while i < count {
            if p[i] < 0x20 || p[i] == 0x7f { bad = 1 }
            i &+= 1
        }
        return bad == 0 ? nil : slowValueFault(p, count)
    }

    @inline(never)
    private static func slowValueFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        for i in 0..<count where (p[i] < 0x20 && p[i] != 0x09) || p[i] == 0x7f {
            return p[i] == 0x0d ? .bareCarriageReturn : p[i] == 0x0a ? .bareLineFeed : .controlOctet
        }
        return nil
    }

    /// The fault of a request target: an octet outside 0x21 to 0x7e, or a `#`.
    static func targetFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        var i = 0
        var bad: UInt64 = 0
        while i &+ 8 <= count {
            let word = p.word(at: i)
            bad |= below(0x21, word) | equal(0x7f, word) | equal(UInt64(UInt8(ascii: "#")), word) | (word & tops)
            i &+= 8
        }
        while i < count {
            if p[i] < 0x21 || p[i] > 0x7e || p[i] == UInt8(ascii: "#") { bad = 1 }
            i &+= 1
        }
        guard bad != 0 else { return nil }
        for i in 0..<count where p[i] < 0x21 || p[i] > 0x7e { return .targetOctet }
        return .targetFragment
    }

    /// Whether `bytes` is one token.
    static func isToken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let table = lowercasedToken
        for byte in bytes where table[Int(byte)] == 0 { return false }
        return !bytes.isEmpty
    }
}
