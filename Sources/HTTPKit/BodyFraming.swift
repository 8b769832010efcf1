/// How a message's body ends.
public enum BodyFraming: Hashable, Sendable {
    /// No body.
    case none
    /// Exactly this many bytes.
    case length(Int)
    /// HTTP/1.1 chunked coding: read it with ``ChunkedDecoder``.
    case chunked
    /// Until the peer ends it: the connection's end in an HTTP/1.x response, END_STREAM in HTTP/2.
    case untilEnd
}
