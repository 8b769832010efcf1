import Bytes

/// A request target in the one spelling that is matched and forwarded: normalised path, `?`, query as it came.
///
/// Reusable: a worker keeps one and routing fills it. Nothing is allocated once it has grown to the longest target seen.
public struct RequestTarget: Sendable {
    /// Path and query, as they go to the provider: without the adapter's prefix.
    public private(set) var bytes: [UInt8] = []
    /// How many of ``bytes`` are the path.
    public private(set) var pathCount = 0
    /// The provider's host, in lower case and without port: what `Host` and SNI say upstream.
    public internal(set) var authority: [UInt8] = []

    /// Whether empty segments were left out of the path.
    private(set) var isCollapsed = false

    public init() {
        bytes.reserveCapacity(1024)
        authority.reserveCapacity(256)
    }

    /// Where the query stands in ``bytes``; empty when there is none.
    public var query: Range<Int> { min(pathCount + 1, bytes.count)..<bytes.count }

    /// Takes over a path, a target or what a prefix has left of one, that ``isPlainPath(_:)``.
    mutating func takePlain(_ path: Span<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        isCollapsed = false
        if path.isEmpty { bytes.append(UInt8(ascii: "/")) } else { bytes.append(path) }
        pathCount = bytes.count
    }

    /// Takes over a target in origin form, in any spelling.
    ///
    /// Percent-escapes of unreserved characters are decoded, and empty segments are left out, which ``isCollapsed`` says. What servers
    /// read in different ways is refused: dot segments, `;`, `\`, `#`, blanks, controls, non-ASCII, and escapes of any of those or of `/` and `%`.
    /// - Returns: false when the target is refused.
    /// - Complexity: linear, no allocation once warm.
    /// - Source: hardening.md 2.3; RFC 3986 section 6.2.2.
    mutating func take(_ target: Span<UInt8>) -> Bool {
        let slash = UInt8(ascii: "/"), question = UInt8(ascii: "?"), percent = UInt8(ascii: "%")
        bytes.removeAll(keepingCapacity: true)
        isCollapsed = false
        pathCount = 0
        guard target.count > 0, target[0] == slash else { return false }
        var index = 0
        var segmentStart = 1
        while index < target.count {
            var byte = target[index]
            if byte == question { break }
            var escaped = false
            if byte == percent {
                guard index + 2 < target.count, let high = RouteBytes.hexValue(target[index + 1]),
                    let low = RouteBytes.hexValue(target[index + 2])
                else { return false }
                byte = high << 4 | low
                escaped = true
            }
            switch byte {
            case 0...0x1f, 0x7f...0xff, UInt8(ascii: "\\"), UInt8(ascii: ";"), UInt8(ascii: "#"): return false
            case slash, percent: if escaped { return false }
            case 0x20: if !escaped { return false }
            default: break
            }
            if escaped && !RouteBytes.isUnreserved(byte) {
                bytes.append(percent)
                bytes.append(target[index + 1])
                bytes.append(target[index + 2])
            } else {
                if byte == slash, bytes.count > 0, bytes.count == segmentStart {
                    isCollapsed = true
                    index += 1
                    continue
                }
                if byte == slash, !endSegment(from: segmentStart, isLast: false, isFirst: bytes.isEmpty) { return false }
                bytes.append(byte)
                if byte == slash { segmentStart = bytes.count }
            }
            index += escaped ? 3 : 1
        }
        guard endSegment(from: segmentStart, isLast: true, isFirst: false) else { return false }
        pathCount = bytes.count
        while index < target.count {
            let byte = target[index]
            guard byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "#") else { return false }
            bytes.append(byte)
            index += 1
        }
        return true
    }

    /// Whether `target` is a path without query that can be taken as it is: nothing escaped or refused, no `//` and no segment
    /// that begins with a dot. Sixteen bytes at a time; what it leaves may still be good, the shortest paths and those with `!` or
    /// `$` among it.
    static func isPlainPath(_ target: Span<UInt8>) -> Bool {
        let count = target.count
        guard count >= 9, target[0] == UInt8(ascii: "/") else { return false }
        if count < 17 {
            // Two words that overlap.
            let hits = refused(SIMD2(target.word(at: 1), target.word(at: count &- 8)), behind: SIMD2(target.word(at: 0), target.word(at: count &- 9)))
            return (hits[0] | hits[1]) & 0x8080_8080_8080_8080 == 0
        }
        var hits = SIMD2<UInt64>(repeating: 0)
        var offset = 1
        while true {
            hits |= refused(target.words2(at: offset), behind: target.words2(at: offset &- 1))
            let last = count &- 16
            if offset == last { return (hits[0] | hits[1]) & 0x8080_8080_8080_8080 == 0 }
            // The last words overlap those before.
            offset = min(offset &+ 16, last)
        }
    }

    /// Bit 7 of each byte that may not stand in a plain path. A borrow disturbs only the bytes above one.
    /// - Parameter before: the bytes one place before each.
    @inline(__always)
    private static func refused(_ words: SIMD2<UInt64>, behind before: SIMD2<UInt64>) -> SIMD2<UInt64> {
        let ones = SIMD2<UInt64>(repeating: 0x0101_0101_0101_0101), slashes = SIMD2<UInt64>(repeating: 0x2f2f_2f2f_2f2f_2f2f)
        // `/` and `.` differ in one bit, and so do `?` and `;`.
        let afterSlash = (((words | ones) ^ slashes) &- ones) & ((before ^ slashes) &- ones)
        let signs = ((words | SIMD2(repeating: 0x0404_0404_0404_0404)) ^ SIMD2(repeating: 0x3f3f_3f3f_3f3f_3f3f)) &- ones
        let backslash = (words ^ SIMD2(repeating: 0x5c5c_5c5c_5c5c_5c5c)) &- ones
        // What stands before `&`: controls, blanks, `#` and `%` among it; DEL, and bytes outside of ASCII.
        let others = (words &- SIMD2(repeating: 0x2626_2626_2626_2626)) | (words &+ ones) | words
        return afterSlash | signs | backslash | others
    }

    /// Whether the segment that ends here may stand: only the last one may be empty (a trailing slash).
    private func endSegment(from start: Int, isLast: Bool, isFirst: Bool) -> Bool {
        if isFirst { return true }
        let dot = UInt8(ascii: ".")
        switch bytes.count - start {
        case ...0: return isLast
        case 1: return bytes[start] != dot
        case 2: return bytes[start] != dot || bytes[start + 1] != dot
        default: return true
        }
    }

    /// Most requests go where the one before went.
    mutating func setAuthority(_ name: Span<UInt8>) {
        if ASCIIText.equal(authority.span, name) { return }
        authority.removeAll(keepingCapacity: true)
        authority.append(name)
    }

    /// Takes the first `count` bytes, an adapter's prefix, away from the path.
    mutating func dropPrefix(_ count: Int) {
        bytes.removeSubrange(0..<count)
        pathCount -= count
        if pathCount == 0 {
            bytes.insert(UInt8(ascii: "/"), at: 0)
            pathCount = 1
        }
    }
}
