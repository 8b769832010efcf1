import Bytes
import HTTPKit
import Testing

/// Parses `message` and writes it on, body and all.
private func forward(_ message: String, framing: BodyFraming? = nil, dropping: HeaderTokenSet = HeaderTokenSet()) -> String {
    let bytes = wire(message)
    var parser = H1RequestParser()
    var head = RequestHead()
    var out = GrowableBytes()
    let step = bytes.withUnsafeBufferPointer { parser.parse($0, into: &head) }
    guard case .done = step else { return "\(step)" }
    H1Writer.request(
        head, target: head.fields.bytes(head.path), host: head.fields.bytes(head.authority), framing: framing ?? head.framing,
        dropping: dropping, into: &out)
    return text(out.bytes)
}

private func respond(
    _ status: Int, _ lines: [(String, String)], _ framing: BodyFraming, client: HTTPVersion = .http11, method: HTTPMethod = .post,
    keepAlive: Bool = true
) -> (text: String, framing: BodyFraming, keepAlive: Bool) {
    var fields = FieldBlock()
    for (name, value) in lines {
        let taken = wire(name).withUnsafeBufferPointer { name in
            wire(value).withUnsafeBufferPointer { fields.append(name: name, value: $0, lowercaseName: true) }
        }
        #expect(taken)
    }
    var out = GrowableBytes()
    let sent = HTTPDate(seconds: 0).withBytes {
        H1Writer.response(
            status: status, fields: fields, framing: framing, client: client, answering: method, keepAlive: keepAlive, date: $0,
            into: &out)
    }
    return (text(out.bytes), sent.framing, sent.keepAlive)
}

@Suite struct H1WriterTests {
    @Test func requestHeadsAreRebuilt() {
        let written = forward(
            post(
                "Accept: */*", "Content-Length: 5", "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: 5", "TE: trailers", "Trailer: X",
                "Upgrade: h2c", "HTTP2-Settings: AA", "Proxy-Connection: x", "Proxy-Authorization: x", "Expect: 100-continue", "Forwarded: for=1",
                "X-Forwarded-For: 1", "X-Forwarded-Port: 2", "X-Real-IP: 3", "Stopgate-Program: p", "Stopgate-Verdict: allow", "X-Kept:  a b "))
        #expect(written == "POST /m HTTP/1.1\r\nhost: a.example\r\naccept: */*\r\nx-kept: a b\r\ncontent-length: 5\r\n\r\n")
    }

    @Test func framingIsWhatIsSentNotWhatCame() {
        #expect(forward(post("Transfer-Encoding: chunked"), framing: .length(9)).hasSuffix("a.example\r\ncontent-length: 9\r\n\r\n"))
        #expect(forward(post("Content-Length: 5"), framing: .chunked).hasSuffix("a.example\r\ntransfer-encoding: chunked\r\n\r\n"))
        #expect(forward(post("Content-Length: 5"), framing: .untilEnd).hasSuffix("a.example\r\ntransfer-encoding: chunked\r\n\r\n"))
        #expect(forward(post()).hasSuffix("a.example\r\ncontent-length: 0\r\n\r\n"))
        #expect(forward("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(forward("FROB / HTTP/1.0\r\nHost: a\r\n\r\n") == "FROB / HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(forward("GET https://a/x HTTP/1.1\r\nHost: A\r\n\r\n") == "GET /x HTTP/1.1\r\nhost: A\r\n\r\n")
    }

    @Test func callersMayDropMore() {
        let written = forward(post("Content-Encoding: gzip", "Accept: a"), framing: .length(3), dropping: [.contentEncoding])
        #expect(written == "POST /m HTTP/1.1\r\nhost: a.example\r\naccept: a\r\ncontent-length: 3\r\n\r\n")
    }

    @Test func onlyFieldsArePassedOn() {
        // Other texts share the block: before, between and behind the fields.
        var fields = FieldBlock()
        var out = GrowableBytes()
        let secret = wire("secret")
        for value in ["1", "2", "3"] {
            #expect(secret.withUnsafeBufferPointer { fields.store($0) } != nil)
            #expect(fields.add("a", value) && fields.add("b", value) && fields.add("stopgate-x", value))
        }
        #expect(secret.withUnsafeBufferPointer { fields.store($0) } != nil)
        H1Writer.endToEndFields(fields, except: [], into: &out)
        #expect(text(out.bytes) == (1...3).map { "a: \($0)\r\nb: \($0)\r\nstopgate-x: \($0)\r\n" }.joined())
        out.reset()
        fields.withhold([.stopgateOther])
        H1Writer.endToEndFields(fields, except: [], into: &out)
        #expect(text(out.bytes) == (1...3).map { "a: \($0)\r\nb: \($0)\r\n" }.joined())
    }

    @Test func cookieCrumbsAreJoined() {
        #expect(forward(post("Cookie: a=1", "X: y", "Cookie: b=2", "cookie: c=3")).contains("\r\ncookie: a=1; b=2; c=3\r\nx: y\r\n"))
        #expect(forward(post("Cookie: a=1")).contains("\r\ncookie: a=1\r\n"))
        #expect(forward(post("Cookie: a=1", "Cookie:", "cookie: c=3", "Cookie: ")).contains("\r\ncookie: a=1; c=3\r\n"))
    }

    @Test func responseHeads() {
        let own = respond(
            202, [("X-Message-Id", "1"), ("Transfer-Encoding", "chunked"), ("Content-Length", "9"), ("Alt-Svc", "h3"), ("Connection", "x")],
            .length(3))
        #expect(own.text == "HTTP/1.1 202 Accepted\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nx-message-id: 1\r\ncontent-length: 3\r\n\r\n")
        #expect(own.framing == .length(3) && own.keepAlive)
        #expect(respond(200, [("Date", "x")], .none).text == "HTTP/1.1 200 OK\r\ndate: x\r\ncontent-length: 0\r\n\r\n")
        #expect(respond(299, [("Date", "x")], .none).text.hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test(arguments: [
        (200, BodyFraming.chunked, HTTPVersion.http11, HTTPMethod.post, true, "transfer-encoding: chunked\r\n", BodyFraming.chunked, true),
        (200, .untilEnd, .http11, .post, true, "transfer-encoding: chunked\r\n", .chunked, true),
        (200, .chunked, .http11, .post, false, "transfer-encoding: chunked\r\nconnection: close\r\n", .chunked, false),
        (200, .chunked, .http10, .post, true, "connection: close\r\n", .untilEnd, false),
        (200, .length(4), .http10, .post, true, "content-length: 4\r\nconnection: keep-alive\r\n", .length(4), true),
        (200, .length(4), .http11, .post, false, "content-length: 4\r\nconnection: close\r\n", .length(4), false),
        (200, .length(4), .http11, .head, true, "content-length: 4\r\n", .none, true), (200, .none, .http11, .head, true, "", .none, true),
        (200, .chunked, .http11, .head, true, "", .none, true), (204, .none, .http11, .post, true, "", .none, true),
        (204, .length(0), .http11, .post, true, "", .none, true), (304, .length(7), .http11, .get, true, "content-length: 7\r\n", .none, true),
        (304, .none, .http11, .get, true, "", .none, true),
    ]) func responseFraming(
        status: Int, framing: BodyFraming, client: HTTPVersion, method: HTTPMethod, keepAlive: Bool, lines: String, sent: BodyFraming, stays: Bool
    ) {
        let written = respond(status, [("Date", "x")], framing, client: client, method: method, keepAlive: keepAlive)
        #expect(written.text.hasSuffix("\r\ndate: x\r\n\(lines)\r\n"))
        #expect(written.framing == sent && written.keepAlive == stays)
    }

    @Test func interimResponsesHaveNoFraming() {
        #expect(respond(103, [("Link", "</x>")], .none).text == "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
        #expect(H1Writer.continueResponse.description == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func ownFieldsCannotBreakTheLine() {
        var out = GrowableBytes()
        wire("a\r\nb\0c\td\u{7f}").withUnsafeBufferPointer { H1Writer.field("x", $0, into: &out) }
        H1Writer.field("y", "z", into: &out)
        #expect(text(out.bytes) == "x: a  b c d \r\ny: z\r\n")
    }

    @Test func chunks() {
        var out = GrowableBytes()
        for size in [0, 1, 15, 16, 255, 256, 70000] {
            [UInt8](repeating: 0x61, count: size).withUnsafeBufferPointer { H1Writer.chunk($0, into: &out) }
        }
        out.append(H1Writer.lastChunk)
        var decoder = ChunkedDecoder()
        var sizes: [Int] = []
        var rest = out.bytes
        loop: while true {
            switch decoder.decode(rest) {
            case .payload(let range):
                sizes.append(range.count)
                rest = UnsafeBufferPointer(rebasing: rest[range.upperBound...])
            case .done(let consumed):
                #expect(consumed == rest.count)
                break loop
            case .needMore, .failed:
                Issue.record("own chunks not readable")
                break loop
            }
        }
        #expect(sizes == [1, 15, 16, 255, 256, 70000])
    }

    @Test func hopByHopFields() {
        for token in HeaderToken.allCases {
            let hop: Set<HeaderToken> = [
                .connection, .keepAlive, .proxyConnection, .proxyAuthorization, .proxyAuthenticate, .te, .trailer, .transferEncoding, .upgrade,
                .http2Settings,
            ]
            #expect(H1Writer.isHopByHop(token) == hop.contains(token))
        }
    }
}
