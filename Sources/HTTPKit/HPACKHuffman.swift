/// The Huffman code of RFC 7541 appendix B, for decoding. Its tables are made once for the process and never freed.
///
/// The code is canonical: codes of one length are consecutive and in the order of their symbols, and shorter ones come first. The
/// lengths therefore say all.
@safe struct HPACKHuffman: @unchecked Sendable {
    static let shared = HPACKHuffman()

    /// How many bits one look-up sees: enough for two letters, few enough for the table to stay in the cache.
    private static let window = 12
    private static let longest = 30
    private static let endOfString = 256

    /// What a window begins with: one or two symbols (bits 0 to 7 and 8 to 15), how many bits they take together (16 to 23), the first
    /// alone (24 to 29), and how many they are (30 and 31). 0 when the first code is longer than the window.
    private let pairs: UnsafePointer<UInt32>
    /// By length: the first code of that length, how many there are, and where their symbols stand in `symbols`.
    private let ranges: UnsafePointer<(code: UInt32, count: UInt32, start: Int)>
    /// Symbols in the order of their codes.
    private let symbols: UnsafePointer<UInt16>

    /// Code lengths of the symbols 0 to 256 in base 36.
    private static let lengths: StaticString = """
        dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca\
        d67777777777777777777777878djde6f56565666577666567655677777fbeds\
        kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn\
        qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq\
        u
        """

    private init() {
        let lengths = UnsafeBufferPointer(start: Self.lengths.utf8Start, count: Self.lengths.utf8CodeUnitCount)
            .map { Int($0 < 0x61 ? $0 - 0x30 : $0 - 0x57) }
        let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        let symbols = UnsafeMutablePointer<UInt16>.allocate(capacity: order.count)
        let ranges = UnsafeMutablePointer<(code: UInt32, count: UInt32, start: Int)>.allocate(capacity: Self.longest + 1)
        let singles = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << Self.window)
        let pairs = UnsafeMutablePointer<UInt32>.allocate(capacity: 1 << Self.window)
        ranges.initialize(repeating: (0, 0, 0), count: Self.longest + 1)
        singles.initialize(repeating: 0, count: 1 << Self.window)
        defer { singles.deallocate() }
        var code: UInt32 = 0, length = 0
        for (place, symbol) in order.enumerated() {
            code <<= UInt32(lengths[symbol] - length)
            length = lengths[symbol]
            symbols[place] = UInt16(symbol)
            if ranges[length].count == 0 { ranges[length] = (code, 0, place) }
            ranges[length].count += 1
            if length <= Self.window {
                let free = Self.window - length
                for rest in 0..<(1 << free) { singles[Int(code) << free | rest] = UInt32(length) << 8 | UInt32(symbol) }
            }
            code += 1
        }
        for bits in 0..<(1 << Self.window) {
            let first = singles[bits], taken = first >> 8
            guard first != 0 else {
                pairs[bits] = 0
                continue
            }
            let second = singles[bits << Int(taken) & (1 << Self.window - 1)], both = taken + second >> 8
            pairs[bits] = second != 0 && both <= Self.window
                ? 2 << 30 | taken << 24 | both << 16 | (second & 0xff) << 8 | first & 0xff
                : 1 << 30 | taken << 24 | taken << 16 | first & 0xff
        }
        self.symbols = UnsafePointer(symbols)
        self.ranges = UnsafePointer(ranges)
        self.pairs = UnsafePointer(pairs)
    }

    /// Room that ``decode(_:_:to:)`` needs for `count` octets of code: a symbol takes at least five bits, and one octet more is written
    /// and not counted.
    static func room(_ count: Int) -> Int { count * 8 / 5 + 2 }

    /// Decodes a whole string.
    /// - Parameter room: takes ``room(_:)`` octets.
    /// - Returns: how many octets it stands for, or `nil` when it is no Huffman code.
    func decode(_ source: UnsafePointer<UInt8>, _ count: Int, to room: UnsafeMutablePointer<UInt8>) -> Int? {
        var at = source
        let end = source + count
        var out = UnsafeMutableRawPointer(room)
        // The string's next bits from the top on. `held` of them count; those below are zero, or what a refill will put there again.
        var bits: UInt64 = 0
        var held = 0
        while true {
            let left = end - at
            if left >= 8 {
                bits |= at.bits() &>> UInt64(truncatingIfNeeded: held)
                at += (63 &- held) &>> 3
                held |= 56
            } else if left > 0 {
                bits |= Self.lastBits(end, left, of: count) >> UInt64(truncatingIfNeeded: held)
                let more = min(left, (64 &- held) &>> 3)
                at += more
                held &+= more &* 8
            }
            while held >= Self.window {
                let pair = pairs[Int(truncatingIfNeeded: bits &>> UInt64(64 - Self.window))]
                guard pair != 0 else { break }
                out.storeBytes(of: UInt16(truncatingIfNeeded: pair).littleEndian, as: UInt16.self)
                out += Int(truncatingIfNeeded: pair &>> 30)
                let taken = pair &>> 16 & 0xff
                bits = bits &<< UInt64(taken)
                held &-= Int(truncatingIfNeeded: taken)
            }
            if held >= Self.window {
                // A code longer than the window.
                if held < Self.longest, at < end { continue }
                guard let (symbol, length) = long(bits), length <= held else { return nil }
                out.storeBytes(of: symbol, as: UInt8.self)
                out += 1
                bits <<= UInt64(length)
                held -= length
            } else if at == end {
                break
            }
        }
        let padding = UInt64.max
        while held > 0 {
            let pair = pairs[Int(truncatingIfNeeded: (bits | padding >> UInt64(held)) >> UInt64(64 - Self.window))]
            let length = Int(pair >> 24 & 0x3f)
            guard pair != 0, length <= held else { break }
            out.storeBytes(of: UInt8(truncatingIfNeeded: pair), as: UInt8.self)
            out += 1
            bits <<= UInt64(length)
            held -= length
        }
        // What is left must be the start of EOS, and less than an octet.
        guard held < 8, bits | padding >> UInt64(held) == padding else { return nil }
        return out - UnsafeMutableRawPointer(room)
    }

    /// The last `left` octets (less than 8) of a string of `count` that ends at `end`, as the top of a word.
    @inline(__always)
    private static func lastBits(_ end: UnsafePointer<UInt8>, _ left: Int, of count: Int) -> UInt64 {
        if count >= 8 { return (end - 8).bits() &<< UInt64(truncatingIfNeeded: 64 &- left &* 8) }
        var word: UInt64 = 0
        for i in 0..<left { word |= UInt64((end - left)[i]) << UInt64(56 - 8 * i) }
        return word
    }

    /// The symbol that `bits` begin with, and its length; `nil` for EOS.
    private func long(_ bits: UInt64) -> (UInt8, Int)? {
        for length in Self.window + 1...Self.longest {
            let range = ranges[length], code = UInt32(bits >> UInt64(64 - length))
            if code >= range.code, code - range.code < range.count {
                return UInt8(exactly: symbols[range.start + Int(code - range.code)]).map { ($0, length) }
            }
        }
        return nil
    }
}

extension UnsafePointer<UInt8> {
    /// The 8 octets here, the first as the most significant.
    @inline(__always)
    fileprivate func bits() -> UInt64 { UInt64(bigEndian: UnsafeRawPointer(self).loadUnaligned(as: UInt64.self)) }
}
