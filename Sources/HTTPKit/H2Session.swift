public import Bytes
import CNghttp2
import Glibc

/// Owns one `nghttp2_session`: a client's connection, the server's side of it. Bytes go in through ``receive(_:now:)`` and out through
/// ``write(into:atMost:)``; what they meant stands in ``events`` until the engine has taken it.
///
/// Confined to its worker's thread. The pointers it hands to nghttp2 are unretained; `deinit` ends the session first.
public final class H2Session {
    private let configuration: H2Configuration
    /// Passed to the configuration's opener when a request begins.
    public let context: UnsafeMutableRawPointer?
    @exclusivity(unchecked) private var handle: OpaquePointer?
    @exclusivity(unchecked) private var budget: H2FrameBudget
    @exclusivity(unchecked) private var now: UInt64
    @exclusivity(unchecked) private var events = H2EventList()
    /// Streams that are open, whoever opened them.
    @exclusivity(unchecked) public private(set) var openStreams = 0
    /// Frames read and requests begun since ``beginTurn()``.
    @exclusivity(unchecked) private var framesReceived = 0
    @exclusivity(unchecked) private var requestsReceived = 0
    /// When the field section being read began, in milliseconds; 0 while none is.
    @exclusivity(unchecked) public private(set) var headersSince: UInt64 = 0
    @exclusivity(unchecked) private var current: UnsafeMutablePointer<H2Stream>?
    @exclusivity(unchecked) private var output: UnsafeMutablePointer<GrowableBytes>?
    @exclusivity(unchecked) private var outputLimit = 0
    @exclusivity(unchecked) private var outputFull = false
    /// Invalid frames, counted as they came, whose RST_STREAM is still to be written and must not count again.
    @exclusivity(unchecked) private var countedResets = 0
    @exclusivity(unchecked) private var terminated = false

    /// Starts a session and queues its SETTINGS.
    /// - Parameter now: milliseconds on a monotonic clock.
    public init(_ configuration: H2Configuration, context: UnsafeMutableRawPointer?, now: UInt64) {
        self.configuration = configuration
        self.context = context
        self.now = now
        budget = H2FrameBudget(limits: configuration.limits, now: now)
        var created: OpaquePointer?
        let this = Unmanaged.passUnretained(self).toOpaque()
        let limits = configuration.limits
        let rc = nghttp2_session_server_new3(&created, configuration.callbacks, this, configuration.options, configuration.memory.table)
        guard rc == 0, let created else { fatalError("nghttp2_session_new: out of memory") }
        handle = created
        var settings: InlineArray<4, nghttp2_settings_entry> = .init(repeating: nghttp2_settings_entry())
        settings[0] = .init(settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(limits.streamWindow))
        settings[1] = .init(settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(limits.headerListSize))
        settings[2] = .init(settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: UInt32(limits.concurrentStreams))
        settings.span.withUnsafeBufferPointer { entries in
            _ = nghttp2_submit_settings(created, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries.baseAddress, 3)
        }
        nghttp2_session_set_local_window_size(created, 0, 0, Int32(limits.connectionWindow))
    }

    deinit { nghttp2_session_del(handle) }

    // MARK: Events

    /// Takes the next event; `nil` when all have been taken.
    public func nextEvent() -> H2Event? { events.next() }

    // MARK: A turn's share

    /// A new turn of the loop: frames and requests are counted from 0.
    public func beginTurn() {
        framesReceived = 0
        requestsReceived = 0
    }

    /// Whether the turn's share still has room for input.
    public func hasShare(frames: Int, requests: Int) -> Bool { framesReceived < frames && requestsReceived < requests }

    @inline(__always)
    private func record(_ event: H2Event) { events.append(event) }

    private func record(_ flood: H2Flood?) {
        guard let flood, !terminated else { return }
        terminated = true
        record(.flood(flood))
    }

    // MARK: In and out

    /// Reads `bytes`, all of them.
    /// - Returns: `false` when the connection is beyond saving; whatever `write` yields (a GOAWAY) should still be sent.
    public func receive(_ bytes: UnsafeBufferPointer<UInt8>, now: UInt64) -> Bool {
        self.now = now
        return nghttp2_session_mem_recv(handle, bytes.baseAddress, bytes.count) == bytes.count
    }

    public enum WriteResult: Equatable { case idle, more, failed }

    /// Appends frames to `output` until there is nothing to send or about `limit` bytes are there.
    public func write(into output: inout GrowableBytes, atMost limit: Int) -> WriteResult {
        withUnsafeMutablePointer(to: &output) { pointer in
            self.output = pointer
            outputLimit = limit
            defer { self.output = nil }
            while pointer.pointee.count < limit {
                outputFull = false
                var frame: UnsafePointer<UInt8>?
                let count = nghttp2_session_mem_send(handle, &frame)
                if count < 0 { return .failed }
                // With NO_COPY bodies, 0 means "idle" or "send_data had no room"; only our flag tells which.
                if count == 0 { return outputFull ? .more : .idle }
                pointer.pointee.append(UnsafeBufferPointer(start: frame, count: count))
            }
            return .more
        }
    }

    public var wantsWrite: Bool { nghttp2_session_want_write(handle) != 0 }
    /// Neither side has anything left to say: the connection can be closed.
    public var isFinished: Bool { nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0 }

    // MARK: What the engine asks for

    /// Answers a request. `head` must stay as it is until the frame is written. Fields that belong to one connection are
    /// left out.
    /// - Parameters:
    ///   - length: announced as `content-length`; `nil` when it is not known.
    ///   - hasBody: body bytes come from the stream's `outgoing` queue.
    public func submitResponse(
        _ stream: UnsafeMutablePointer<H2Stream>, _ head: borrowing ResponseHead, length: Int?, hasBody: Bool
    ) -> Bool {
        let status = head.status
        stream.pointee.statusText = [
            UInt8(48 + status / 100 % 10), UInt8(48 + status / 10 % 10), UInt8(48 + status % 10),
        ]
        let text = Self.bytes(of: \.statusText, in: stream)
        let list = configuration.fields
        list[0] = Self.field(":status", UnsafeBufferPointer(start: text, count: 3))
        var count = 1
        fill(head.fields, except: .responseDropped, &count)
        appendLength(length, stream, &count)
        var provider = nghttp2_data_provider(source: nghttp2_data_source(ptr: stream), read_callback: H2Callbacks.readBody)
        let rc = hasBody
            ? nghttp2_submit_response(handle, stream.pointee.id, list, count, &provider)
            : nghttp2_submit_response(handle, stream.pointee.id, list, count, nil)
        return rc == 0
    }

    /// Sends `100 Continue`: the client waits for it before it sends the body.
    public func submitContinue(_ stream: UnsafeMutablePointer<H2Stream>) {
        configuration.fields[0] = Self.field(":status", "100")
        nghttp2_submit_headers(handle, 0, stream.pointee.id, nil, configuration.fields, 1, nil)
    }

    /// Lets a stream go on whose `outgoing` queue was empty.
    public func resume(_ stream: UnsafeMutablePointer<H2Stream>) {
        guard stream.pointee.deferred, stream.pointee.id != 0 else { return }
        stream.pointee.deferred = false
        nghttp2_session_resume_data(handle, stream.pointee.id)
    }

    public func reset(_ stream: UnsafeMutablePointer<H2Stream>, _ code: H2ErrorCode) {
        guard stream.pointee.id != 0 else { return }
        nghttp2_submit_rst_stream(handle, 0, stream.pointee.id, code.rawValue)
    }

    /// Grants the peer `count` more body bytes on the stream.
    public func credit(_ stream: UnsafeMutablePointer<H2Stream>, _ count: Int) {
        guard stream.pointee.id != 0, count > 0 else { return }
        nghttp2_session_consume_stream(handle, stream.pointee.id, count)
    }

    /// Grants the peer `count` more body bytes on the connection.
    public func creditConnection(_ count: Int) {
        if count > 0 { nghttp2_session_consume_connection(handle, count) }
    }

    /// Counts a request that was answered as malformed against the budget for such.
    public func countGlitch() { record(budget.glitch(now: now)) }

    /// Widens one stream's window, for a route that takes large bodies.
    public func widen(_ stream: UnsafeMutablePointer<H2Stream>, to size: Int) {
        guard stream.pointee.id != 0 else { return }
        nghttp2_session_set_local_window_size(handle, 0, stream.pointee.id, Int32(clamping: size))
    }

    /// Announces that no new streams will be taken; the open ones finish.
    public func announceShutdown() { nghttp2_submit_shutdown_notice(handle) }

    /// Sends GOAWAY naming the last stream that is served.
    public func goaway() {
        let last = nghttp2_session_get_last_proc_stream_id(handle)
        nghttp2_submit_goaway(handle, 0, last, H2ErrorCode.noError.rawValue, nil, 0)
    }

    /// Ends the session with GOAWAY `code`; no frame but that one is sent afterwards.
    public func terminate(_ code: H2ErrorCode) { nghttp2_session_terminate_session(handle, code.rawValue) }

    // MARK: Callbacks

    @inline(__always)
    private func stream(_ id: Int32) -> UnsafeMutablePointer<H2Stream>? {
        if let current, current.pointee.id == id { return current }
        guard let found = nghttp2_session_get_stream_user_data(handle, id) else { return nil }
        current = found.assumingMemoryBound(to: H2Stream.self)
        return current
    }

    func frameBegins(_ header: nghttp2_frame_hd) -> Int32 {
        framesReceived += 1
        // Whatever follows a field section ends it, also one that was ignored because its stream is gone.
        if header.type != 1, header.type != 9 { headersSince = 0 }
        switch Int(header.type) {
        case 0:
            record(budget.payload(isEmpty: header.length == 0 && header.flags & 1 == 0))
        case 1:
            budget.headersBegan()
            record(budget.payload(isEmpty: header.length == 0 && header.flags & 1 == 0))
        case 2: record(budget.priority())
        case 4: if header.flags & 1 == 0 { record(budget.setting(now: now)) }
        case 6: if header.flags & 1 == 0 { record(budget.ping(hasStreams: openStreams > 0, now: now)) }
        case 8: record(budget.windowUpdate())
        case 9:
            record(budget.continuation())
            record(budget.payload(isEmpty: header.length == 0 && header.flags & 4 == 0))
        default: break
        }
        return 0
    }

    func headersBegin(_ handle: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let id = frame.pointee.hd.stream_id
        if headersSince == 0 { headersSince = now }
        guard frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
        guard let opened = configuration.opener(context) else { return Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let stream = opened.assumingMemoryBound(to: H2Stream.self)
        stream.pointee.id = id
        nghttp2_session_set_stream_user_data(handle, id, stream)
        current = stream
        openStreams += 1
        requestsReceived += 1
        budget.streamOpened()
        if budget.streamsOpened == configuration.limits.streamsPerConnection { record(.flood(.streams)) }
        return 0
    }

    func field(_ id: Int32, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard let stream = stream(id) else { return 0 }
        if stream.pointee.headSeen {
            if FieldRules.checkTrailer(name: name, value: value) != nil { breakOff(stream) }
            return 0
        }
        stream.pointee.fieldBytes += name.count + value.count + 32
        if stream.pointee.fieldBytes > configuration.limits.headerListSize {
            // Decoding has to go on, or the compression state is lost; storing does not.
            stream.pointee.fault = .fieldsTooLarge
            if stream.pointee.fieldBytes > 2 * configuration.limits.headerListSize { record(H2Flood.headerList) }
            return 0
        }
        let fault = stream.pointee.request.map { FieldRules.append(name: name, value: value, to: &$0.pointee) } ?? nil
        // The first fault counts; but a CONNECT, which is only refused, may turn out malformed (`:protocol`).
        if let fault, stream.pointee.fault == nil || stream.pointee.fault == .connectRefused { stream.pointee.fault = fault }
        return 0
    }

    func data(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard let stream = stream(id), let incoming = stream.pointee.incoming else {
            // The stream is gone; its bytes still count against the connection's window.
            nghttp2_session_consume_connection(handle, bytes.count)
            return 0
        }
        stream.pointee.received += bytes.count
        if !stream.pointee.headSeen || stream.pointee.announced >= 0 && stream.pointee.received > stream.pointee.announced { breakOff(stream) }
        if stream.pointee.isBroken {
            nghttp2_session_consume_connection(handle, bytes.count)
            return 0
        }
        incoming.pointee.append(bytes)
        record(.data(stream, count: bytes.count))
        return 0
    }

    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let header = frame.pointee.hd
        switch Int(header.type) {
        case 0, 1:
            if header.type == 1 { headersSince = 0 }
            guard let stream = stream(header.stream_id) else { return 0 }
            let ends = header.flags & 1 != 0
            if stream.pointee.isBroken { return 0 }
            if header.type == 1, stream.pointee.headSeen {
                // Only trailers can come behind the head, and they end the message.
                if !ends { breakOff(stream) }
            } else if header.type == 1 {
                return headReceived(stream, ends: ends)
            }
            if ends { endReceived(stream) }
        case 3:
            record(budget.reset(now: now))
        case 7:
            record(.goaway)
        default: break
        }
        return 0
    }

    private func headReceived(_ stream: UnsafeMutablePointer<H2Stream>, ends: Bool) -> Int32 {
        if let request = stream.pointee.request { stream.pointee.announced = request.pointee.fields.announced }
        if ends {
            stream.pointee.incomingEnded = true
            if stream.pointee.announced > 0, stream.pointee.fault == nil { stream.pointee.fault = .contentLength }
        }
        stream.pointee.headSeen = true
        record(.head(stream))
        if ends { record(.end(stream)) }
        return 0
    }

    /// The peer's message is complete: its body must be as long as its head said (RFC 9113 section 8.1.1).
    private func endReceived(_ stream: UnsafeMutablePointer<H2Stream>) {
        guard stream.pointee.announced < 0 || stream.pointee.announced == stream.pointee.received else { return breakOff(stream) }
        stream.pointee.incomingEnded = true
        record(.end(stream))
    }

    /// Resets a stream whose message turned out malformed behind its head; it ends without ``H2Event/end(_:)``.
    private func breakOff(_ stream: UnsafeMutablePointer<H2Stream>) {
        guard !stream.pointee.isBroken else { return }
        stream.pointee.isBroken = true
        _ = glitch()
        nghttp2_submit_rst_stream(handle, 0, stream.pointee.id, H2ErrorCode.protocolError.rawValue)
    }

    func glitch() -> Int32 {
        headersSince = 0
        countedResets += 1
        record(budget.glitch(now: now))
        return 0
    }

    func frameSent(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let header = frame.pointee.hd
        switch Int(header.type) {
        case 0:
            budget.dataFrameSent()
            fallthrough
        case 1:
            if header.flags & 1 != 0, let stream = stream(header.stream_id), !stream.pointee.incomingEnded {
                record(.sentEnd(stream))
            }
        case 3:
            // An RST that the peer provoked (MadeYouReset); our own orderly ones do not count.
            let code = frame.pointee.rst_stream.error_code
            if code != H2ErrorCode.noError.rawValue, code != H2ErrorCode.refusedStream.rawValue,
                code != H2ErrorCode.cancel.rawValue, code != H2ErrorCode.internalError.rawValue
            {
                if countedResets > 0 { countedResets -= 1 } else { record(budget.glitch(now: now)) }
            }
        default: break
        }
        return 0
    }

    func streamClosed(_ id: Int32, _ code: UInt32) -> Int32 {
        guard let stream = stream(id) else { return 0 }
        current = nil
        openStreams -= 1
        stream.pointee.id = 0
        record(.closed(stream, code: code, unsent: false))
        return 0
    }

    func writeData(
        _ frame: UnsafeMutablePointer<nghttp2_frame>, _ header: UnsafePointer<UInt8>, _ count: Int,
        _ source: UnsafeMutablePointer<nghttp2_data_source>
    ) -> Int32 {
        guard let output else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        // One mem_send may ask for several frames, so the room is checked here.
        if output.pointee.count > 0, output.pointee.count + 9 + count > outputLimit + 16_384 {
            outputFull = true
            return Int32(NGHTTP2_ERR_WOULDBLOCK.rawValue)
        }
        output.pointee.append(UnsafeBufferPointer(start: header, count: 9))
        let stream = source.pointee.ptr.assumingMemoryBound(to: H2Stream.self)
        if count > 0, let outgoing = stream.pointee.outgoing {
            output.pointee.append(UnsafeBufferPointer(rebasing: outgoing.pointee.readable[..<count]))
            outgoing.pointee.consume(count)
            record(.wrote(stream, count: count))
        }
        return 0
    }

    // MARK: Fields

    private func fill(_ fields: borrowing FieldBlock, except dropped: HeaderTokenSet, _ count: inout Int) {
        let list = configuration.fields
        for index in 0..<fields.count where count < H2Configuration.fieldCapacity - 1 {
            let field = fields[index]
            if field.isNominated || dropped.contains(field.token) { continue }
            list[count] = Self.field(fields.bytes(field.name), fields.bytes(field.value))
            // A value that never comes again only pushes useful entries out of the peer's table, and makes ours slow to search.
            if HeaderTokenSet.unrepeated.contains(field.token), field.value.count > 12 { list[count].flags |= UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) }
            count += 1
        }
    }

    private func appendLength(_ length: Int?, _ stream: UnsafeMutablePointer<H2Stream>, _ count: inout Int) {
        guard let length else { return }
        var start = 20
        var rest = max(length, 0)
        repeat {
            start -= 1
            stream.pointee.lengthText[start] = UInt8(48 + rest % 10)
            rest /= 10
        } while rest > 0
        let text = Self.bytes(of: \.lengthText, in: stream)
        configuration.fields[count] = Self.field("content-length", UnsafeBufferPointer(start: text + start, count: 20 - start))
        count += 1
    }

    /// The address of an inline array of the stream: nghttp2 reads it when it writes the frame.
    private static func bytes<A>(of part: KeyPath<H2Stream, A>, in stream: UnsafeMutablePointer<H2Stream>) -> UnsafeMutablePointer<UInt8> {
        let offset = MemoryLayout<H2Stream>.offset(of: part).unsafelyUnwrapped
        return UnsafeMutableRawPointer(stream).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    }

    private static func field(_ name: StaticString, _ value: StaticString) -> nghttp2_nv {
        field(name, UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    @inline(__always)
    private static func field(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>) -> nghttp2_nv {
        field(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value)
    }

    @inline(__always)
    private static func field(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> nghttp2_nv {
        let noCopy = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
        return nghttp2_nv(
            name: UnsafeMutablePointer(mutating: name.baseAddress), value: UnsafeMutablePointer(mutating: value.baseAddress),
            namelen: name.count, valuelen: value.count, flags: noCopy)
    }
}
