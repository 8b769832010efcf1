public import Bytes

/// Writes HTTP/1.1 heads. Framing, `Host` and `Connection` are always ours, never the peer's: only end-to-end fields are copied.
/// Everything is appended to a buffer; no call allocates beyond its growth.
public enum H1Writer {
    /// The interim answer to `Expect: 100-continue`.
    public static let continueResponse: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
    /// The last chunk, and no trailers.
    public static let lastChunk: StaticString = "0\r\n\r\n"

    /// Whether a field belongs to one connection and is never passed on.
    public static func isHopByHop(_ token: HeaderToken) -> Bool { HeaderTokenSet.hopByHop.contains(token) }

    // MARK: Requests

    /// Writes a whole request head: request line, `Host`, the client's end-to-end fields in their order, one framing field.
    /// - Parameters:
    ///   - target: path and query to ask for; starts with `/`.
    ///   - host: value of `Host`.
    ///   - framing: what the caller will send: nothing, so many bytes, or chunks. ``BodyFraming/untilEnd`` is sent chunked.
    ///   - dropping: tokens not to copy, beside ``HeaderTokenSet/requestDropped``.
    public static func request(
        _ head: borrowing RequestHead, target: UnsafeBufferPointer<UInt8>, host: UnsafeBufferPointer<UInt8>,
        framing: BodyFraming, dropping: HeaderTokenSet = HeaderTokenSet(), into out: inout GrowableBytes
    ) {
        startRequest(head, target: target, host: host, into: &out)
        endToEndFields(head.fields, except: .requestDropped.union(dropping), into: &out)
        requestFraming(framing, expectsBody: head.method.expectsBody, into: &out)
        endHead(into: &out)
    }

    /// Writes the request line and `Host` only. For callers that add fields of their own: then ``endToEndFields(_:except:into:)``,
    /// ``field(_:_:into:)-(StaticString,_,_)``, ``requestFraming(_:expectsBody:into:)``, ``endHead(into:)``.
    public static func startRequest(
        _ head: borrowing RequestHead, target: UnsafeBufferPointer<UInt8>, host: UnsafeBufferPointer<UInt8>,
        into out: inout GrowableBytes
    ) {
        if head.method == .other {
            out.append(head.fields.bytes(head.methodName))
        } else {
            put(head.method.name, &out)
        }
        put(" ", &out)
        out.append(target)
        put(" HTTP/1.1\r\nhost: ", &out)
        out.append(host)
        put("\r\n", &out)
    }

    /// Writes the one framing field of a request, or none.
    /// - Parameter expectsBody: whether an absent body is announced as an empty one (``HTTPMethod/expectsBody``).
    public static func requestFraming(_ framing: BodyFraming, expectsBody: Bool, into out: inout GrowableBytes) {
        switch framing {
        case .none: if expectsBody { length(0, into: &out) }
        case .length(let count): length(count, into: &out)
        case .chunked, .untilEnd: put("transfer-encoding: chunked\r\n", &out)
        }
    }

    // MARK: Responses

    /// Writes a whole response head: status line, `Date` unless the fields hold one, end-to-end fields, framing, connection.
    /// - Parameters:
    ///   - fields: the provider's fields, or our own.
    ///   - client: the version the client speaks. An HTTP/1.0 client cannot read chunks: the body then ends with the connection.
    ///   - answering: the request's method. Answers to HEAD announce ``BodyFraming/length(_:)`` and carry no body.
    ///   - keepAlive: whether the connection stays open; overruled when only its end can end the body.
    ///   - date: value of `Date`: 29 bytes, see ``HTTPDate``.
    /// - Returns: how the body must be sent, and whether the connection stays open behind it.
    public static func response(
        status: Int, fields: borrowing FieldBlock, framing: BodyFraming, client: HTTPVersion, answering method: HTTPMethod,
        keepAlive: Bool, date: UnsafeBufferPointer<UInt8>, dropping: HeaderTokenSet = HeaderTokenSet(),
        into out: inout GrowableBytes
    ) -> (framing: BodyFraming, keepAlive: Bool) {
        startResponse(status: status, into: &out)
        if status >= 200, !fields.tokens.contains(.date) {
            put("date: ", &out)
            out.append(date)
            put("\r\n", &out)
        }
        endToEndFields(fields, except: .responseDropped.union(dropping), into: &out)
        let sent = responseFraming(
            status: status, framing: framing, client: client, answering: method, keepAlive: keepAlive, into: &out)
        endHead(into: &out)
        return sent
    }

    /// Writes the status line only.
    public static func startResponse(status: Int, into out: inout GrowableBytes) {
        put("HTTP/1.1 ", &out)
        out.append(decimal: status)
        put(" ", &out)
        put(StatusLine.reason(status), &out)
        put("\r\n", &out)
    }

    /// Writes the framing and connection fields of a response; see ``response(status:fields:framing:client:answering:keepAlive:date:dropping:into:)``.
    public static func responseFraming(
        status: Int, framing: BodyFraming, client: HTTPVersion, answering method: HTTPMethod, keepAlive: Bool,
        into out: inout GrowableBytes
    ) -> (framing: BodyFraming, keepAlive: Bool) {
        if status < 200 { return (.none, keepAlive) }
        let bodyless = method == .head || status == 204 || status == 304
        var framing = framing
        if !bodyless {
            if framing == .none { framing = .length(0) }
            if framing == .untilEnd { framing = .chunked }
            if framing == .chunked, client == .http10 { framing = .untilEnd }
        }
        let stays = keepAlive && framing != .untilEnd
        switch framing {
        case .length(let count): if status != 204 { length(count, into: &out) }
        case .chunked: if !bodyless { put("transfer-encoding: chunked\r\n", &out) }
        case .none, .untilEnd: break
        }
        if !stays {
            put("connection: close\r\n", &out)
        } else if client == .http10 {
            put("connection: keep-alive\r\n", &out)
        }
        return (bodyless ? .none : framing, stays)
    }

    // MARK: Parts

    /// Copies the fields that may be passed on, in their order: not those in `dropped`, not those `Connection` names.
    /// Several `cookie` fields (HTTP/2 crumbs) become one (RFC 9113 section 8.2.3).
    public static func endToEndFields(
        _ fields: borrowing FieldBlock, except dropped: HeaderTokenSet, into out: inout GrowableBytes
    ) {
        let joinsCookies = fields.repeatedTokens.contains(.cookie)
        var cookiesWritten = false
        // Neighbours that are kept form a run: their lines lie in the block as they are written here. A text stored between two
        // fields ends the run.
        var run = ByteRange(lower: 0, upper: 0)
        for index in 0..<fields.count {
            let field = fields.field(at: index)
            let isCrumb = joinsCookies && field.token == .cookie
            if !(field.isNominated || isCrumb || dropped.contains(field.token)) {
                if run.upper != field.name.lower {
                    out.append(fields.bytes(run))
                    run.lower = field.name.lower
                }
                run.upper = field.value.upper + 2
                continue
            }
            out.append(fields.bytes(run))
            run = ByteRange(lower: 0, upper: 0)
            if isCrumb, !cookiesWritten {
                cookies(fields, into: &out)
                cookiesWritten = true
            }
        }
        out.append(fields.bytes(run))
    }

    private static func cookies(_ fields: borrowing FieldBlock, into out: inout GrowableBytes) {
        put("cookie: ", &out)
        var next = fields.firstIndex(of: .cookie)
        var isFirst = true
        while let index = next {
            // An empty crumb would leave a separator alone, and a blank that readers trim at the end of the line.
            let crumb = fields.value(index)
            if !crumb.isEmpty {
                if !isFirst { put("; ", &out) }
                isFirst = false
                out.append(crumb)
            }
            next = fields.firstIndex(of: .cookie, from: index + 1)
        }
        put("\r\n", &out)
    }

    /// Writes one field of our own. A control octet in `value`, which would end the line, becomes a blank.
    public static func field(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>, into out: inout GrowableBytes) {
        put(name, &out)
        put(": ", &out)
        for byte in value { out.append(byte < 0x20 || byte == 0x7f ? 0x20 : byte) }
        put("\r\n", &out)
    }

    /// Writes one field of our own with a fixed value.
    public static func field(_ name: StaticString, _ value: StaticString, into out: inout GrowableBytes) {
        field(name, UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount), into: &out)
    }

    /// A bare literal would choose `append`'s String overload.
    @inline(__always)
    private static func put(_ text: StaticString, _ out: inout GrowableBytes) {
        out.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func length(_ count: Int, into out: inout GrowableBytes) {
        put("content-length: ", &out)
        out.append(decimal: max(count, 0))
        put("\r\n", &out)
    }

    /// Ends a head.
    public static func endHead(into out: inout GrowableBytes) { put("\r\n", &out) }

    /// Writes the size line of a chunk of `count` bytes; the payload and ``chunkEnd(into:)`` follow. An empty chunk would end the
    /// body, so nothing is written for 0: then send neither payload nor end.
    public static func chunkStart(_ count: Int, into out: inout GrowableBytes) {
        guard count > 0 else { return }
        var started = false
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: count >> shift & 15)
            if digit == 0, !started { continue }
            started = true
            out.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        put("\r\n", &out)
    }

    public static func chunkEnd(into out: inout GrowableBytes) { put("\r\n", &out) }

    /// Writes `payload` as one chunk; nothing when it is empty.
    public static func chunk(_ payload: UnsafeBufferPointer<UInt8>, into out: inout GrowableBytes) {
        guard !payload.isEmpty else { return }
        chunkStart(payload.count, into: &out)
        out.append(payload)
        chunkEnd(into: &out)
    }
}
