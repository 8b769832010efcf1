import Glibc

/// Finds the lines of a head in bytes that arrive piecemeal, looking at each byte once.
struct HeadLines {
    enum Step {
        case needMore
        /// The next line, without its CRLF.
        case line(Range<Int>)
        case tooLong
        case bareLineFeed
    }

    /// Where the current line starts.
    private(set) var lineStart = 0
    private(set) var scanned = 0

    /// The next complete line of `input`, which starts where it started in the last call.
    /// A line of more than `limit` bytes is ``Step/tooLong`` as soon as that is certain.
    @inline(__always)
    mutating func next(_ input: UnsafeBufferPointer<UInt8>, limit: Int) -> Step {
        guard let base = input.baseAddress, scanned < input.count else { return .needMore }
        guard let hit = memchr(base + scanned, 0x0a, input.count &- scanned) else {
            scanned = input.count
            // One more byte may be the CR.
            return scanned &- lineStart > limit &+ 1 ? .tooLong : .needMore
        }
        let end = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
        let start = lineStart
        // Length first, so that a long line is the same fault however it arrived.
        if end &- start > limit &+ 1 { return .tooLong }
        guard end > start, base[end &- 1] == 0x0d else { return .bareLineFeed }
        scanned = end &+ 1
        lineStart = scanned
        return .line(start..<end &- 1)
    }
}
