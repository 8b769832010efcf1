/// What happened on a session while it read or wrote. Sessions only record; the engine acts on the list afterwards, because
/// nghttp2 forbids sending or receiving inside a callback.
public enum H2Event {
    /// The peer's message head is complete in the stream's head.
    case head(UnsafeMutablePointer<H2Stream>)
    /// Body bytes have been appended to the stream's `incoming` queue.
    case data(UnsafeMutablePointer<H2Stream>, count: Int)
    /// The peer has sent all of its message.
    case end(UnsafeMutablePointer<H2Stream>)
    /// Body bytes of ours have left the stream's `outgoing` queue.
    case wrote(UnsafeMutablePointer<H2Stream>, count: Int)
    /// Our message has been written whole, while the peer may still be sending.
    case sentEnd(UnsafeMutablePointer<H2Stream>)
    /// The stream is over; its pointer is the engine's again. `code` is an HTTP/2 error code, 0 for an orderly end.
    /// `unsent`: the request never reached the wire, so sending it elsewhere cannot duplicate it.
    case closed(UnsafeMutablePointer<H2Stream>, code: UInt32, unsent: Bool)
    /// The peer will open or accept no more streams on this connection.
    case goaway
    /// A frame limit was crossed: the connection has to end.
    case flood(H2Flood)
}

/// Which of the limits against abusive frames was crossed.
public enum H2Flood: Equatable, Sendable {
    case resets, glitches, settings, pings, streams, emptyFrames, windowUpdates, priority, headerList, continuations
}
