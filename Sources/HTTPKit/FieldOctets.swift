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

    /// Whether there is an octet below 0x20, a tab included, or 0x7f.
    /// - Complexity: linear, 8 bytes a step.
    @inline(__always)
    static func hasControl(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var bad: UInt64 = 0
        if count >= 8 {
            var i = 0
            while i < count &- 8 {
                let word = p.word(at: i)
                bad |= below(0x20, word) | equal(0x7f, word)
                i &+= 8
            }
            let last = p.word(at: count &- 8)      // overlaps the word before
            bad |= below(0x20, last) | equal(0x7f, last)
        } else {
            for i in 0..<count where p[i] < 0x20 || p[i] == 0x7f { bad = 1 }
        }
        return bad != 0
    }

    /// Copies `count` octets and says whether ``hasControl(_:_:)``, in one pass.
    /// - Parameter room: takes `count` bytes.
    /// - Complexity: linear, 16 bytes a step.
    @inline(__always)
    static func copyFindingControl(_ p: UnsafePointer<UInt8>, _ count: Int, to room: UnsafeMutablePointer<UInt8>) -> Bool {
        let to = UnsafeMutableRawPointer(room)
        if count >= 16 {
            var bad = SIMD2<UInt64>.zero
            var i = 0
            while i < count &- 16 {
                bad |= copyPair(p, at: i, to: to)
                i &+= 16
            }
            bad |= copyPair(p, at: count &- 16, to: to)      // overlaps the pair before
            return (bad[0] | bad[1]) & tops != 0
        }
        var bad: UInt64 = 0
        if count >= 8 {
            let first = p.word(at: 0), last = p.word(at: count &- 8)
            to.storeBytes(of: first.littleEndian, as: UInt64.self)
            to.storeBytes(of: last.littleEndian, toByteOffset: count &- 8, as: UInt64.self)
            bad = below(0x20, first) | equal(0x7f, first) | below(0x20, last) | equal(0x7f, last)
        } else {
            for i in 0..<count {
                let byte = p[i]
                room[i] = byte
                if byte < 0x20 || byte == 0x7f { bad = 1 }
            }
        }
        return bad != 0
    }

    /// Copies 16 bytes; the top bits of the result, of which some is set when a byte below 0x20 or 0x7f is among them.
    @inline(__always)
    private static func copyPair(_ p: UnsafePointer<UInt8>, at i: Int, to room: UnsafeMutableRawPointer) -> SIMD2<UInt64> {
        let pair = UnsafeRawPointer(p).loadUnaligned(fromByteOffset: i, as: SIMD2<UInt64>.self)
        room.storeBytes(of: pair, toByteOffset: i, as: SIMD2<UInt64>.self)
        let ones = SIMD2<UInt64>(repeating: ones)
        return ((pair &- ones &* 0x20) & ~pair) | (((pair ^ ones &* 0x7f) &- ones) & ~(pair ^ ones &* 0x7f))
    }

    /// The fault of a field value, or `nil` when it holds only blanks, visible octets and octets above 0x7f.
    @inline(__always)
    static func valueFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        hasControl(p, count) ? slowValueFault(p, count) : nil
    }

    @inline(never)
    static func slowValueFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        for i in 0..<count where (p[i] < 0x20 && p[i] != 0x09) || p[i] == 0x7f {
            return p[i] == 0x0d ? .bareCarriageReturn : p[i] == 0x0a ? .bareLineFeed : .controlOctet
        }
        return nil
    }

    /// The fault of a request target: an octet outside 0x21 to 0x7e, or a `#`.
    static func targetFault(_ p: UnsafePointer<UInt8>, _ count: Int) -> HTTPFault? {
        var bad: UInt64 = 0
        if count >= 8 {
            var i = 0
            while i < count &- 8 {
                bad |= notTarget(p.word(at: i))
                i &+= 8
            }
            bad |= notTarget(p.word(at: count &- 8))
        } else {
            for i in 0..<count where p[i] < 0x21 || p[i] > 0x7e || p[i] == UInt8(ascii: "#") { bad = 1 }
        }
        guard bad != 0 else { return nil }
        for i in 0..<count where p[i] < 0x21 || p[i] > 0x7e { return .targetOctet }
        return .targetFragment
    }

    @inline(__always)
    private static func notTarget(_ word: UInt64) -> UInt64 {
        below(0x21, word) | equal(0x7f, word) | equal(UInt64(UInt8(ascii: "#")), word) | (word & tops)
    }

    /// Copies the start of a field line to `room` in lower case, 8 bytes a step, as far as it is letters and `-`.
    /// - Parameter room: takes `count` bytes; those behind the returned length are left with rubbish.
    /// - Returns: how many bytes are letters and `-`. A name may go on with rarer octets.
    @inline(__always)
    static func copyPlainName(_ line: UnsafePointer<UInt8>, _ count: Int, to room: UnsafeMutablePointer<UInt8>) -> Int {
        var n = 0
        while n &+ 8 <= count {
            let raw = line.word(at: n)
            let word = raw & ~tops      // then no sum below carries from byte to byte
            // Only letters come to lie between `a` and `z`; a dash stays, and only a control can become one.
            let lower = word | ones &* 0x20
            let letters = atLeast(0x61, lower) & ~atLeast(0x7b, lower)
            let dashes = ~atLeast(1, lower ^ (ones &* 0x2d)) & atLeast(0x20, word)
            let others = (~(letters | dashes) | raw) & tops
            UnsafeMutableRawPointer(room + n).storeBytes(of: lower.littleEndian, as: UInt64.self)
            if others != 0 { return n &+ others.trailingZeroBitCount / 8 }
            n &+= 8
        }
        return n
    }

    /// Whether a name is letters in lower case, digits and `-` throughout: most are. 8 bytes a step.
    @inline(__always)
    static func isPlainLowercaseName(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard count >= 8 else { return false }
        var i = 0
        var others: UInt64 = 0
        while i < count &- 8 {
            others |= notPlain(p.word(at: i))
            i &+= 8
        }
        return others | notPlain(p.word(at: count &- 8)) == 0      // overlaps the word before
    }

    /// The top bit of each byte is set where `word`'s byte is no letter in lower case, digit or `-`.
    @inline(__always)
    private static func notPlain(_ raw: UInt64) -> UInt64 {
        let word = raw & ~tops      // then no sum below carries from byte to byte
        let letters = atLeast(0x61, word) & ~atLeast(0x7b, word)
        let digits = atLeast(0x30, word) & ~atLeast(0x3a, word)
        let dashes = ~atLeast(1, word ^ (ones &* 0x2d))
        return (~(letters | digits | dashes) | raw) & tops
    }

    /// How many octets from the start are such as a host name has: letters, digits, `-`, `.` and `_`. 8 bytes a step.
    static func hostPrefix(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var n = 0
        while n &+ 8 <= count {
            let others = notHost(p.word(at: n))
            if others != 0 { return n &+ others.trailingZeroBitCount / 8 }
            n &+= 8
        }
        while n < count, isHost(p[n]) { n &+= 1 }
        return n
    }

    @inline(__always)
    private static func isHost(_ byte: UInt8) -> Bool {
        // One bit each for what lies below 0x40 and for what lies above.
        let digits: UInt64 = 0x03ff_6000_0000_0000, letters: UInt64 = 0x07ff_fffe_87ff_fffe
        let half = byte < 0x40 ? digits : byte < 0x80 ? letters : 0
        return half &>> UInt64(byte & 0x3f) & 1 == 1
    }

    /// The top bit of each byte is set where `word`'s byte is none of a host name's.
    @inline(__always)
    private static func notHost(_ raw: UInt64) -> UInt64 {
        let word = raw & ~tops      // then no sum below carries from byte to byte
        let lower = word | ones &* 0x20
        let letters = atLeast(0x61, lower) & ~atLeast(0x7b, lower)
        let digits = atLeast(0x30, word) & ~atLeast(0x3a, word)
        let marks = atLeast(0x2d, word) & ~atLeast(0x2f, word) | ~atLeast(1, word ^ (ones &* 0x5f))
        return (~(letters | digits | marks) | raw) & tops
    }

    /// The top bit of each byte is set where `word`'s byte is at least `bound`; all bytes of `word` are below 0x80.
    @inline(__always)
    private static func atLeast(_ bound: UInt64, _ word: UInt64) -> UInt64 { word &+ ones &* (0x80 &- bound) }

    /// Whether `bytes` is one token.
    static func isToken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let table = lowercasedToken
        for byte in bytes where table[Int(byte)] == 0 { return false }
        return !bytes.isEmpty
    }
}
