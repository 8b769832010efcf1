/// What the peer lets us send, on one stream or on the connection (RFC 9113 section 5.2). Below 0 after SETTINGS that took
/// back more than was left.
struct H2SendWindow {
    static let limit = 0x7fff_ffff
    private(set) var left: Int

    @inline(__always)
    mutating func spend(_ count: Int) { left -= count }

    /// A WINDOW_UPDATE, or the difference between two initial sizes. - Returns: `false` when the window is too large then.
    mutating func widen(by increment: Int) -> Bool {
        guard left + increment <= Self.limit else { return false }
        left += increment
        return true
    }
}
