import Bytes

/// One HTTP/2 connection to a provider, the client's side of it (RFC 9113). Bytes go in through ``receive(_:now:)`` and out through
/// ``write(into:atMost:)``; what they meant stands in a list until the engine has taken it with ``nextEvent()``.
///
/// A request is encoded only when `write` hands it out. Until then it can be taken back without a trace, and what `write` has
/// handed out decides alone whether a stream closes as unsent. Confined to its worker's thread.
public final class H2Upstream {
    let limits: H2Limits
    @exclusivity(unchecked) var now: UInt64
    @exclusivity(unchecked) var events = H2EventList()
    @exclusivity(unchecked) var decoder = HPACKDecoder()
    @exclusivity(unchecked) var encoder = HPACKEncoder()
    @exclusivity(unchecked) var settings = H2PeerSettings()
    /// Malformed messages that the provider may send before the connection is cut.
    @exclusivity(unchecked) var glitches: TokenBucket

    /// Streams whose HEADERS have been handed out.
    @exclusivity(unchecked) var streams = H2StreamTable()
    @exclusivity(unchecked) var nextID: Int32 = 1
    /// Requests that have not been handed out, in order.
    @exclusivity(unchecked) var waiting = H2StreamQueue(.waiting)
    /// Streams that could send DATA if the connection's window lets them, in the order of their turns. Those that have but their end to
    /// send, which takes no window, stand in front.
    @exclusivity(unchecked) var ready = H2StreamQueue(.ready)
    /// Streams that are to be reset.
    @exclusivity(unchecked) var closing = H2StreamQueue(.closing)
    /// Streams submitted and not closed.
    @exclusivity(unchecked) public internal(set) var openStreams = 0

    @exclusivity(unchecked) var sendWindow = H2SendWindow(left: 65_535)
    @exclusivity(unchecked) var receiveWindow: H2ReceiveWindow
    /// Size of a new stream's receive window: the protocol's default until the provider has acknowledged our SETTINGS.
    @exclusivity(unchecked) var streamWindow = 65_535
    @exclusivity(unchecked) var isAcknowledged = false

    /// Whole frames that go out before anything else.
    @exclusivity(unchecked) var control = GrowableBytes(capacity: 128)
    /// Acknowledgements among them.
    @exclusivity(unchecked) var acknowledgements = 0

    /// The beginning of a frame whose end has not arrived; never of one whose payload is read as it comes.
    @exclusivity(unchecked) var partial = GrowableBytes(capacity: 64)
    /// The field section being read, as far as CONTINUATION is to follow, and its stream: 0 while none is.
    @exclusivity(unchecked) var section = GrowableBytes(capacity: 64)
    @exclusivity(unchecked) var sectionStream: Int32 = 0
    @exclusivity(unchecked) var sectionEndsStream = false
    @exclusivity(unchecked) var continuations = 0
    @exclusivity(unchecked) var payload = H2Payload()

    @exclusivity(unchecked) var awaitsSettings = true
    /// Highest of our streams that the provider will look at, as its last GOAWAY says.
    @exclusivity(unchecked) var lastAccepted = Int32.max
    @exclusivity(unchecked) var isGoingAway = false
    @exclusivity(unchecked) var isTerminated = false

    /// No id is used from here on, so that all that wait find one.
    private static let lastID = Int32.max - (1 << 20)

    /// Queues the preface, our SETTINGS and the connection's window.
    /// - Parameter now: milliseconds on a monotonic clock.
    public init(_ limits: H2Limits, now: UInt64) {
        self.limits = limits
        self.now = now
        glitches = TokenBucket(burst: limits.glitchBurst, perSecond: limits.glitchesPerSecond, now: now)
        receiveWindow = H2ReceiveWindow(size: max(limits.connectionWindow, 65_535))
        control.append("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        control.append(H2FrameHeader(.settings, length: 18))
        append(setting: 4, limits.streamWindow)
        append(setting: 6, limits.headerListSize)
        append(setting: 2, 0)       // ENABLE_PUSH
        if receiveWindow.size > 65_535 { announce(receiveWindow.size - 65_535, on: 0) }
    }

    private func append(setting identifier: UInt8, _ value: Int) {
        control.append(0)
        control.append(identifier)
        control.append(bigEndian: UInt32(value))
    }

    // MARK: What the engine asks for

    /// Takes the next event; `nil` when all have been taken.
    public func nextEvent() -> H2Event? { events.next() }

    /// Opens a stream with a request over https. Fields that belong to one connection are left out, as are those in `dropping`.
    ///
    /// `head`, `path` and `authority` must stay as they are until the stream has closed or has its first event.
    /// - Parameters:
    ///   - length: announced as `content-length`; `nil` when it is not known.
    ///   - hasBody: body bytes come from the stream's `outgoing` queue.
    /// - Returns: `false` when no more streams can be opened here; nothing was queued then.
    public func submitRequest(
        _ stream: UnsafeMutablePointer<H2Stream>, _ head: UnsafePointer<RequestHead>, path: UnsafeBufferPointer<UInt8>,
        authority: UnsafeBufferPointer<UInt8>, dropping: HeaderTokenSet, length: Int?, hasBody: Bool
    ) -> Bool {
        guard !isTerminated, !isGoingAway, nextID < Self.lastID else { return false }
        stream.pointee.id = H2Stream.waitingID
        stream.pointee.answersHead = head.pointee.method == .head
        stream.pointee.upstream.head = head
        stream.pointee.upstream.path = path
        stream.pointee.upstream.authority = authority
        stream.pointee.upstream.dropping = dropping
        stream.pointee.upstream.length = length ?? -1
        stream.pointee.upstream.sends = hasBody
        waiting.append(stream)
        openStreams += 1
        return true
    }

    /// Lets a stream go on whose `outgoing` queue was empty.
    public func resume(_ stream: UnsafeMutablePointer<H2Stream>) {
        if stream.pointee.id > 0 { schedule(stream) }
    }

    /// Ends a stream; it closes with the next ``write(into:atMost:)``. Nothing more is taken from it.
    public func reset(_ stream: UnsafeMutablePointer<H2Stream>, _ code: H2ErrorCode) {
        guard stream.pointee.id != 0, stream.pointee.upstream.place != .closing else { return }
        unqueue(stream)
        stream.pointee.upstream.reset = code
        closing.append(stream)
    }

    /// Grants the provider `count` more body bytes on the stream.
    public func credit(_ stream: UnsafeMutablePointer<H2Stream>, _ count: Int) {
        guard stream.pointee.id > 0, count > 0, !stream.pointee.incomingEnded else { return }
        let increment = stream.pointee.upstream.receiveWindow.grant(count)
        if increment > 0 { announce(increment, on: stream.pointee.id) }
    }

    /// Grants the provider `count` more body bytes on the connection.
    public func creditConnection(_ count: Int) {
        guard count > 0 else { return }
        let increment = receiveWindow.grant(count)
        if increment > 0 { announce(increment, on: 0) }
    }

    /// How many streams the provider lets us have open at once.
    public var peerConcurrentStreams: Int { settings.concurrentStreams }

    /// Whether ``write(into:atMost:)`` has something to hand out.
    public var wantsWrite: Bool {
        if !control.isEmpty { return true }
        if isTerminated { return false }
        if !closing.isEmpty || !waiting.isEmpty && streams.count < settings.concurrentStreams { return true }
        guard let first = ready.first else { return false }
        return sendWindow.left > 0 || first.pointee.waitsOnlyForEnd
    }

    /// Neither side has anything left to say: the connection can be closed.
    public var isFinished: Bool { (isTerminated || isGoingAway && openStreams == 0) && !wantsWrite }

    // MARK: Parts

    private func announce(_ increment: Int, on stream: Int32) {
        control.append(H2FrameHeader(.windowUpdate, length: 4, stream: stream))
        control.append(bigEndian: UInt32(increment))
    }

    /// The connection is beyond saving: GOAWAY is the last that goes out, and nothing more is read.
    func fail(_ code: H2ErrorCode) {
        guard !isTerminated else { return }
        isTerminated = true
        control.append(H2FrameHeader(.goaway, length: 8))
        control.append(bigEndian: 0)        // the provider opens no streams
        control.append(bigEndian: code.rawValue)
    }

    func flood(_ flood: H2Flood) {
        guard !isTerminated else { return }
        events.append(.flood(flood))
        fail(.enhanceYourCalm)
    }

    /// Resets a stream on which the provider broke the rules; it ends without ``H2Event/end(_:)``.
    func breakOff(_ stream: UnsafeMutablePointer<H2Stream>, _ code: H2ErrorCode = .protocolError) {
        guard stream.pointee.upstream.place != .closing else { return }
        reset(stream, code)
        if !glitches.take(now: now) { flood(.glitches) }
    }

    /// The stream is over and the engine's again.
    func close(_ stream: UnsafeMutablePointer<H2Stream>, _ code: UInt32, isUnsent: Bool) {
        unqueue(stream)
        if stream.pointee.id > 0 { streams.remove(stream) }
        stream.pointee.id = 0
        openStreams -= 1
        events.append(.closed(stream, code: code, unsent: isUnsent))
    }

    @inline(__always)
    private func unqueue(_ stream: UnsafeMutablePointer<H2Stream>) {
        switch stream.pointee.upstream.place {
        case .none: break
        case .waiting: waiting.remove(stream)
        case .ready: ready.remove(stream)
        case .closing: closing.remove(stream)
        }
    }
}
