/// The peer's SETTINGS as far as they bind a client (RFC 9113 section 6.5.2). Frames of the size that no peer may forbid are all we
/// send, so SETTINGS_MAX_FRAME_SIZE is checked and not kept; SETTINGS_HEADER_TABLE_SIZE is the encoder's.
struct H2PeerSettings {
    /// Streams that may be open before the peer has said how many: it may refuse them.
    static let presumedStreams = 100

    static let headerTableSize = 1

    private(set) var concurrentStreams = Self.presumedStreams
    private(set) var initialWindow = 65_535

    /// The peer's first SETTINGS have come: what they do not limit is not limited.
    mutating func begin() { concurrentStreams = Int(UInt32.max) }

    /// Takes one setting over. - Returns: what is wrong with it: the connection ends.
    mutating func take(_ identifier: Int, _ value: Int) -> H2ErrorCode? {
        switch identifier {
        // A server must not offer what only clients can allow.
        case 2: return value == 0 ? nil : .protocolError
        case 3: concurrentStreams = value
        case 4:
            guard value <= H2SendWindow.limit else { return .flowControlError }
            initialWindow = value
        case 5: return (16_384...0xff_ffff).contains(value) ? nil : .protocolError
        default: break
        }
        return nil
    }
}
