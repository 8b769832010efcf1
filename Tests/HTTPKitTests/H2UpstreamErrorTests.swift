import HTTPKit
import Testing

private typealias F = H2Frame

/// What ends a connection or a stream, and with which code (RFC 9113): stream 1 is open, stream 3 is over, no other exists.
@Suite struct H2UpstreamErrorTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var code: H2ErrorCode
        var frames: [H2Frame]

        init(_ name: String, _ code: H2ErrorCode, _ frames: H2Frame...) {
            testDescription = name
            self.code = code
            self.frames = frames
        }
    }

    private static func bench(_ change: (inout H2Limits) -> Void = { _ in }) -> (UpstreamBench, UpstreamCall) {
        let bench = UpstreamBench(change)
        let call = bench.sent(body: "half of it", ends: false)
        _ = bench.sent("GET")
        bench.feed(.head(3, [(":status", "204")], ends: true))
        return (bench, call)
    }

    static let connection: [Case] = [
        Case("frame too long", .frameSizeError, F(F.data, stream: 1, [UInt8](repeating: 0, count: 16_385))),
        Case("unknown frame too long", .frameSizeError, F(77, stream: 1, [UInt8](repeating: 0, count: 16_385))),
        Case("DATA on the connection", .protocolError, F.body(0, "x")),
        Case("DATA on an idle stream", .protocolError, F.body(5, "x")),
        Case("DATA on an even stream", .protocolError, F.body(2, "x")),
        Case("DATA padded past its end", .protocolError, F.head(1, [(":status", "200")]), F(F.data, flags: F.padded, stream: 1, [3, 0, 0])),
        Case("DATA without its pad length", .frameSizeError, F(F.data, flags: F.padded, stream: 1)),
        Case("HEADERS on the connection", .protocolError, F.head(0, [(":status", "200")])),
        Case("HEADERS on an idle stream", .protocolError, F.head(5, [(":status", "200")])),
        Case("HEADERS on an even stream", .protocolError, F.head(2, [(":status", "200")])),
        Case("HEADERS padded past its end", .protocolError, F(F.headers, flags: F.padded | F.endHeaders, stream: 1, [2, 0x88])),
        Case("HEADERS without its pad length", .frameSizeError, F(F.headers, flags: F.padded | F.endHeaders, stream: 1)),
        Case("HEADERS without its priority", .frameSizeError, F(F.headers, flags: F.hasPriority | F.endHeaders, stream: 1, [0, 0, 0, 0])),
        Case("field block cut off", .compressionError, F(F.headers, flags: F.endHeaders, stream: 1, [0x88, 0x00, 0x05])),
        Case("index 0", .compressionError, F(F.headers, flags: F.endHeaders, stream: 1, [0x80])),
        Case("field block of a closed stream cut off", .compressionError, F(F.headers, flags: F.endHeaders, stream: 3, [0x00, 0x05])),
        Case("CONTINUATION alone", .protocolError, F(F.continuation, flags: F.endHeaders, stream: 1, [0x88])),
        Case("CONTINUATION on the connection", .protocolError, F(F.continuation, flags: F.endHeaders, [0x88])),
        Case("CONTINUATION of another stream", .protocolError, F.head(1, [], complete: false), F(F.continuation, flags: F.endHeaders, stream: 3, [0x88])),
        Case("PING within a field section", .protocolError, F.head(1, [], complete: false), F(F.ping, [UInt8](repeating: 0, count: 8))),
        Case("unknown frame within a field section", .protocolError, F.head(1, [], complete: false), F(77)),
        Case("DATA within a field section", .protocolError, F.head(1, [], complete: false), F.body(1, "x")),
        Case("CONTINUATION behind a whole section", .protocolError, F.head(1, [(":status", "200")]), F(F.continuation, flags: F.endHeaders, stream: 1)),
        Case("PRIORITY on the connection", .protocolError, F(F.priority, [0, 0, 0, 0, 0])),
        Case("PRIORITY of four octets", .frameSizeError, F(F.priority, stream: 1, [0, 0, 0, 0])),
        Case("RST_STREAM on the connection", .protocolError, F(F.rstStream, four(8))),
        Case("RST_STREAM on an idle stream", .protocolError, F(F.rstStream, stream: 5, four(8))),
        Case("RST_STREAM of three octets", .frameSizeError, F(F.rstStream, stream: 1, [0, 0, 8])),
        Case("SETTINGS on a stream", .protocolError, F(F.settings, stream: 1)),
        Case("SETTINGS of five octets", .frameSizeError, F(F.settings, [0, 3, 0, 0, 0])),
        Case("SETTINGS acknowledged with a payload", .frameSizeError, F(F.settings, flags: F.ack, [0, 3, 0, 0, 0, 1])),
        Case("SETTINGS acknowledged twice", .protocolError, F(F.settings, flags: F.ack)),
        Case("SETTINGS that offer push", .protocolError, .setting((2, 1))),
        Case("SETTINGS with too large a window", .flowControlError, .setting((4, 0x8000_0000))),
        Case("SETTINGS with too small frames", .protocolError, .setting((5, 16_383))),
        Case("SETTINGS with too large frames", .protocolError, .setting((5, 1 << 24))),
        Case("SETTINGS of 33 entries", .enhanceYourCalm, F(F.settings, [UInt8](repeating: 0, count: 33 * 6))),
        Case("SETTINGS that overflow a window", .flowControlError, .window(1, 0x7fff_ffff - 65_535), .setting((4, 65_546))),
        Case("PUSH_PROMISE", .protocolError, F(F.pushPromise, flags: F.endHeaders, stream: 1, four(2) + [0x82])),
        Case("PING on a stream", .protocolError, F(F.ping, stream: 1, [UInt8](repeating: 0, count: 8))),
        Case("PING of seven octets", .frameSizeError, F(F.ping, [UInt8](repeating: 0, count: 7))),
        Case("GOAWAY on a stream", .protocolError, F(F.goaway, stream: 1, four(1) + four(0))),
        Case("GOAWAY of seven octets", .frameSizeError, F(F.goaway, [UInt8](repeating: 0, count: 7))),
        Case("GOAWAY that names a stream of theirs", .protocolError, F(F.goaway, four(2) + four(0))),
        Case("GOAWAY that takes back another", .protocolError, F(F.goaway, four(1) + four(0)), F(F.goaway, four(3) + four(0))),
        Case("WINDOW_UPDATE of three octets", .frameSizeError, F(F.windowUpdate, [0, 0, 1])),
        Case("WINDOW_UPDATE of 0 on the connection", .protocolError, .window(0, 0)),
        Case("WINDOW_UPDATE that overflows the connection", .flowControlError, .window(0, 0x7fff_ffff)),
        Case("WINDOW_UPDATE on an idle stream", .protocolError, .window(5, 1)),
    ]

    @Test(arguments: connection) func connectionError(_ test: Case) {
        // At once, and octet by octet.
        for isSplit in [false, true] {
            let (bench, call) = Self.bench()
            let bytes = test.frames.flatMap(\.bytes)
            if isSplit, bytes.count < 1000 {
                for byte in bytes { bench.feed([byte]) }
            } else {
                bench.feed(bytes)
            }
            #expect(!bench.isAlive)
            let last = bench.flush().last
            #expect(last?.type == F.goaway && last?.code == test.code.rawValue && last?.number(0) == 0)
            #expect(bench.session.isFinished && !bench.session.wantsWrite)
            // It has been sent and nobody knows what became of it.
            #expect(call.end == nil)
            bench.feed(.head(1, [(":status", "200")], ends: true))
            #expect(!call.trace.contains("e"))
            #expect(!UpstreamCall().submit(to: bench.session))
            #expect(bench.flush().isEmpty)
        }
    }

    static let head = F.head(1, [(":status", "200")])
    static let stream: [Case] = [
        Case("DATA before the head", .protocolError, F.body(1, "x")),
        Case("END_STREAM before the head", .protocolError, F(F.data, flags: F.endStream, stream: 1)),
        Case("1xx that ends the stream", .protocolError, F.head(1, [(":status", "103")], ends: true)),
        Case("DATA behind a 1xx", .protocolError, F.head(1, [(":status", "103")]), F.body(1, "x")),
        Case("more DATA than announced", .protocolError, F.head(1, [(":status", "200"), ("content-length", "1")]), F.body(1, "xy")),
        Case("less DATA than announced", .protocolError, F.head(1, [(":status", "200"), ("content-length", "3")]), F.body(1, "xy", ends: true)),
        Case("DATA behind 204", .protocolError, F.head(1, [(":status", "204")]), F.body(1, "x")),
        Case("DATA behind 304", .protocolError, F.head(1, [(":status", "304"), ("content-length", "1")]), F.body(1, "x")),
        Case("trailers that end nothing", .protocolError, head, F.head(1, [("x", "y")])),
        Case("pseudo-field in trailers", .protocolError, head, F.head(1, [(":status", "200")], ends: true)),
        Case("upper case in trailers", .protocolError, head, F.head(1, [("X", "y")], ends: true)),
        Case("control octet in trailers", .protocolError, head, F.head(1, [("x", "a\nb")], ends: true)),
        Case("WINDOW_UPDATE of 0", .protocolError, .window(1, 0)),
        Case("WINDOW_UPDATE that overflows", .flowControlError, .window(1, 0x7fff_ffff)),
        Case("DATA behind the end", .streamClosed, F.head(1, [(":status", "200")], ends: true), F.body(1, "x")),
        Case("HEADERS behind the end", .streamClosed, F.head(1, [(":status", "200")], ends: true), F.head(1, [("x", "y")], ends: true)),
    ]

    @Test(arguments: stream) func streamError(_ test: Case) {
        let (bench, call) = Self.bench()
        let other = bench.sent(body: "x")
        bench.feed(test.frames.flatMap(\.bytes))
        #expect(bench.isAlive)
        let trace = call.trace
        // Whatever still comes is dropped, and the stream closes when the reset goes out.
        bench.feed(F.body(1, "more"), F.head(1, [("x", "y")], ends: true), F(77, stream: 1, [1]))
        #expect(call.trace == trace && call.end == nil)
        let reset = bench.flush()
        #expect(reset == [F(F.rstStream, stream: 1, four(test.code.rawValue))])
        #expect(call.trace == trace + "c" && call.end == .init(code: test.code.rawValue, unsent: false))
        #expect(bench.session.openStreams == 1)
        bench.feed(F.head(5, [(":status", "200")], ends: true))
        #expect(other.trace == "hec" && other.status == 200)
    }

    @Test func malformedHeadsAreTheEnginesToRefuse() {
        for fields in [
            [("x", "y")], [(":status", "abc")], [(":status", "099")], [(":status", "200"), (":status", "200")], [("x", "y"), (":status", "200")],
            [(":status", "200"), (":path", "/")], [(":status", "200"), ("X", "y")], [(":status", "200"), ("connection", "close")],
            [(":status", "200"), ("x", "a\u{0}b")], [(":status", "200"), ("x y", "z")], [(":status", "200"), ("content-length", "x")], [(":status", "101")],
            [(":status", "201"), ("content-length", "2"), ("content-length", "3")], [(":status", "200"), ("content-length", "2")], [],
        ] {
            let (bench, call) = Self.bench()
            bench.feed(.head(1, fields, ends: true))
            #expect(bench.isAlive && call.trace == "he")
            #expect(call.fault != nil, "\(fields)")
        }
    }

    @Test(arguments: [
        F(F.priority, stream: 9, [0, 0, 0, 0, 0]), F(77, flags: 0xff, stream: 8, [1, 2, 3]), F(F.windowUpdate, stream: 3, four(1)), .window(3, 0),
        F(F.rstStream, stream: 3, four(8)), F.body(3, "late"), F.head(3, [("x", "y")], ends: true), F(F.ping, flags: F.ack, [UInt8](repeating: 1, count: 8)),
        .setting((99, 1), (2, 0), (5, 16_384)), F(F.headers, flags: F.padded | F.hasPriority | F.endHeaders, stream: 3, [1, 0, 0, 0, 0, 0, 0x88, 0]),
    ])
    func ignored(_ frame: H2Frame) {
        let (bench, call) = Self.bench()
        bench.feed(frame, F(F.ping, wire("whoisit?")))
        #expect(bench.isAlive && call.trace.isEmpty)
        #expect(bench.flush().last == F(F.ping, flags: F.ack, wire("whoisit?")))
        bench.feed(F.head(1, [(":status", "200")], ends: true))
        #expect(call.trace == "he")
    }

    @Test(arguments: [
        F(F.settings, flags: F.ack).bytes, F(F.ping, wire("whoisit?")).bytes, wire("HTTP/1.1 400 Bad Request\r\n\r\n"), F(F.goaway, four(0) + four(0)).bytes,
    ])
    func settingsComeFirst(_ bytes: [UInt8]) {
        let bench = UpstreamBench(greets: false)
        _ = bench.raw()
        bench.feed(bytes)
        #expect(!bench.isAlive && bench.flush().map(\.code) == [H2ErrorCode.protocolError.rawValue])
        #expect(bench.session.isFinished)
    }
}
