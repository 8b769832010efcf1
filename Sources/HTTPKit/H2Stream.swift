public import Bytes

/// One HTTP/2 stream as the engine and a session share it. Lives inside a pooled exchange, so its address is stable; the
/// buffers belong to the exchange, and the two sides of a proxied exchange share them without a copy.
public struct H2Stream {
    /// Id of a stream whose request has not been handed out.
    static let waitingID: Int32 = -1
    /// 0 while the stream is not open.
    public internal(set) var id: Int32 = 0
    /// Where an incoming request head goes (``H2Session``) …
    public var request: UnsafeMutablePointer<RequestHead>?
    /// … or an incoming response head (``H2Upstream``).
    public var response: UnsafeMutablePointer<ResponseHead>?
    /// Where the peer's body bytes go.
    public var incoming: UnsafeMutablePointer<ByteQueue>?
    /// Where our body bytes come from.
    public var outgoing: UnsafeMutablePointer<ByteQueue>?
    /// Whatever the engine keeps for the stream.
    public var owner: UnsafeMutableRawPointer?

    /// Set by the engine: no more bytes will be added to ``outgoing``.
    public var outgoingEnded = false
    /// The peer sent END_STREAM.
    public internal(set) var incomingEnded = false
    /// The head of the peer's message is complete; later fields are trailers, which are dropped.
    public internal(set) var headSeen = false
    /// What is wrong with the head, as far as it was read: the first fault found.
    public internal(set) var fault: HTTPFault?
    /// The peer broke the rules for messages behind the head; a reset is under way and nothing more is taken from it.
    var isBroken = false
    /// Whether an incoming response answers HEAD, so that it has no body.
    var answersHead = false
    /// Body bytes the peer's message must have, as its head says; -1 when it does not say.
    var announced = -1
    /// Body bytes of the peer so far.
    var received = 0
    var deferred = false
    var fieldBytes = 0
    /// Three digits for the `:status` field; nghttp2 reads them when the frame is written.
    var statusText: InlineArray<3, UInt8> = [0, 0, 0]
    /// Digits for the `content-length` field, right-aligned.
    var lengthText: InlineArray<20, UInt8> = .init(repeating: 0)
    var upstream = H2UpstreamStream()

    public init() {}

    public var isOpen: Bool { id != 0 }

    /// All of our body has been written, but not that it is all.
    var waitsOnlyForEnd: Bool { outgoingEnded && outgoing?.pointee.isEmpty == true }

    /// Whatever the peer still sends on this stream is thrown away.
    public mutating func detach() {
        request = nil
        response = nil
        incoming = nil
    }
}
