import Bytes

/// Finds `--boundary` in a body in time linear in the body, whatever the boundary: Knuth, Morris and Pratt's automaton, with
/// steps of 32 bytes while nothing begins like a delimiter.
struct BoundarySearch {
    /// Where to go on after so many matching bytes when the next one differs. 72 is two dashes and the longest boundary.
    private var fallback = InlineArray<73, UInt8>(repeating: 0)
    /// `--` and the boundary.
    private var needle = InlineArray<72, UInt8>(repeating: 0x2d)
    /// The needle's length.
    let count: Int

    /// - Precondition: `boundary` has 1 to 70 bytes.
    init(_ boundary: Span<UInt8>) {
        count = boundary.count + 2
        for index in boundary.indices { needle[index + 2] = boundary[index] }
        var matched = 0
        for index in 1..<count {
            while matched > 0, needle[index] != needle[matched] { matched = Int(fallback[matched]) }
            if needle[index] == needle[matched] { matched += 1 }
            fallback[index + 1] = UInt8(matched)
        }
    }

    /// Whether `--boundary` stands at `offset`.
    func stands(at offset: Int, in body: Span<UInt8>) -> Bool {
        guard body.count - offset >= count else { return false }
        for index in 0..<count where body[offset + index] != needle[index] { return false }
        return true
    }

    /// Where `--boundary` begins for the first time from `start` on.
    func next(in body: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        var matched = 0
        while index < body.count {
            if matched == 0 {
                index = Self.skipToDashes(body, index)
                guard index < body.count else { return nil }
            }
            while matched > 0, body[index] != needle[matched] { matched = Int(fallback[matched]) }
            if body[index] == needle[matched] { matched += 1 }
            index += 1
            if matched == count { return index - count }
        }
        return nil
    }

    /// The first offset from `start` on where two dashes stand, or `body.count`.
    @inline(__always)
    private static func skipToDashes(_ body: Span<UInt8>, _ start: Int) -> Int {
        var i = start
        let dashes = SIMD4<UInt64>(repeating: 0x2d2d_2d2d_2d2d_2d2d)
        let ones = SIMD4<UInt64>(repeating: 0x0101_0101_0101_0101)
        while i <= body.count &- 33 {
            // Zero where a dash stands and another one behind it. A borrow can only disturb the bytes above a true hit.
            let pairs = (body.words4(at: i) ^ dashes) | (body.words4(at: i &+ 1) ^ dashes)
            let hits = (pairs &- ones) & ~pairs & SIMD4(repeating: 0x8080_8080_8080_8080)
            if (hits[0] | hits[1]) | (hits[2] | hits[3]) != 0 {
                var word = 0
                while hits[word] == 0 { word &+= 1 }
                return i &+ word &* 8 &+ hits[word].trailingZeroBitCount &>> 3
            }
            i &+= 32
        }
        while i < body.count &- 1 {
            if body[i] == 0x2d, body[i &+ 1] == 0x2d { return i }
            i &+= 1
        }
        return body.count
    }
}
