/// What the peer may send us, on one stream or on the connection (RFC 9113 section 5.2).
struct H2ReceiveWindow {
    private(set) var size: Int
    /// Octets that the peer may still send.
    private(set) var left: Int
    /// Octets granted anew that no WINDOW_UPDATE has announced.
    private var granted = 0

    init(size: Int) {
        self.size = size
        left = size
    }

    /// Octets that were received and not announced anew: so many can be granted.
    private var owed: Int { size - left }

    /// Counts the payload of a DATA frame. - Returns: `false` when the peer was not allowed so much.
    @inline(__always)
    mutating func take(_ count: Int) -> Bool {
        guard count <= left else { return false }
        left -= count
        return true
    }

    /// Grants `count` octets that had been received.
    /// - Returns: the increment to announce: 0 until half the window has come together, so that a frame goes out now and then only.
    @inline(__always)
    mutating func grant(_ count: Int) -> Int {
        granted = min(granted + count, owed)
        guard granted > 0, granted >= size / 2 else { return 0 }
        defer { granted = 0 }
        left += granted
        return granted
    }

    /// The initial size has changed by `difference` (section 6.9.2); what the peer may send can fall below 0.
    mutating func resize(by difference: Int) {
        size += difference
        left += difference
    }
}
