import Bytes
import HTTPKit
import Testing

private typealias F = H2Frame

/// Requests and answers, windows, and what closes as unsent.
@Suite struct H2UpstreamTests {
    // MARK: The connection

    @Test func firstFlight() {
        let bench = UpstreamBench({ $0.streamWindow = 70_000; $0.connectionWindow = 1 << 20; $0.headerListSize = 9999 }, greets: false)
        let call = bench.call("GET")
        let bytes = bench.raw()
        #expect(bytes.prefix(24).elementsEqual("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
        let frames = F.all(in: bytes.dropFirst(24))
        #expect(frames.prefix(2) == [.setting((4, 70_000), (6, 9999), (2, 0)), .window(0, (1 << 20) - 65_535)])
        #expect(frames.count == 3 && frames[2].type == F.headers && frames[2].stream == 1)
        #expect(call.stream.pointee.isOpen && !bench.session.wantsWrite)
    }

    @Test func acknowledges() {
        let bench = UpstreamBench()
        bench.feed(F(F.ping, wire("whoisit?")), .setting((3, 7)), F(F.ping, flags: F.ack, wire("whoisit!")))
        #expect(bench.flush() == [F(F.ping, flags: F.ack, wire("whoisit?")), F(F.settings, flags: F.ack)])
        #expect(bench.session.peerConcurrentStreams == 7)
    }

    @Test func streamsBeforeTheFirstSettings() {
        let bench = UpstreamBench(greets: false)
        #expect(bench.session.peerConcurrentStreams == 100)
        bench.feed(.setting())
        #expect(bench.session.peerConcurrentStreams == 0xffff_ffff)
    }

    // MARK: Requests

    @Test func requestInItsWords() throws {
        let bench = UpstreamBench()
        let call = UpstreamCall(
            path: "/v1/send?x=1", body: "hello", length: 5,
            fields: [
                ("host", "gate"), ("content-length", "99"), ("content-type", "text/plain"), ("te", "trailers"), ("x-mixed", "Kept As It Is"), ("expect", "100-continue"),
                ("x-forwarded-for", "::1"), ("cookie", "a=1"), ("idempotency-key", "0123456789abc"), ("x-left-out", "1"), ("user-agent", "u"),
            ])
        call.request.pointee.fields.withhold(at: call.request.pointee.fields.count - 2)
        #expect(call.submit(to: bench.session, dropping: [.userAgent]))
        let frames = bench.flush()
        #expect(
            try bench.fields(frames) == [
                ":method: POST", ":scheme: https", ":authority: api.example", ":path: /v1/send?x=1", "content-type: text/plain", "x-mixed: Kept As It Is",
                "cookie: a=1", "idempotency-key: 0123456789abc", "content-length: 5",
            ])
        #expect(frames.count == 2 && frames[0].flags == F.endHeaders && frames[1] == .body(1, "hello", ends: true))
        #expect(call.wrote == 5 && call.outgoing.pointee.isEmpty)
        // Said again, it is a few octets.
        let again = bench.call(path: "/v1/send?x=1", fields: [("content-type", "text/plain"), ("x-mixed", "Kept As It Is"), ("cookie", "a=1")])
        let second = bench.flush()
        #expect(second.count == 1 && second[0].flags == F.endHeaders | F.endStream && second[0].stream == 3)
        #expect(try bench.fields(second).count == 7)
        #expect(again.wrote == 0)
    }

    @Test(arguments: [0, 1, 10, 9_999_999_999, Int.max]) func announcedLength(_ length: Int) throws {
        let bench = UpstreamBench()
        _ = bench.call(body: "", ends: false, length: length)
        #expect(try bench.fields(bench.flush()).last == "content-length: \(length)")
    }

    @Test func longHeads() throws {
        let bench = UpstreamBench()
        for size in [10_000, 16_000, 16_384, 33_000, 50_000] {
            let values = (0..<5).map { String(repeating: "abcdefghij"[$0], count: size / 5) }
            _ = bench.call("GET", fields: values.enumerated().map { ("x-\($0)-\(size)", $1) })
            let frames = bench.flush()
            #expect(frames.allSatisfy { $0.payload.count <= 16_384 && $0.stream == frames[0].stream })
            #expect(frames.first?.type == F.headers && frames.dropFirst().allSatisfy { $0.type == F.continuation })
            #expect(frames.dropLast().allSatisfy { $0.flags & F.endHeaders == 0 } && frames.last?.flags == (frames.count == 1 ? F.endHeaders | F.endStream : F.endHeaders))
            #expect(frames[0].flags & F.endStream != 0)
            #expect(try bench.fields(frames).suffix(5).elementsEqual(values.enumerated().map { "x-\($0)-\(size): \($1)" }))
        }
    }

    @Test func bodiesAsTheyCome() {
        let bench = UpstreamBench()
        let call = bench.sent(body: "", ends: false)
        #expect(!bench.session.wantsWrite && bench.flush().isEmpty)
        bench.session.resume(call.stream)
        #expect(bench.flush().isEmpty)
        call.add("one", ends: false)
        bench.session.resume(call.stream)
        bench.session.resume(call.stream)
        #expect(bench.session.wantsWrite)
        #expect(bench.flush() == [.body(1, "one")])
        call.add("", ends: true)
        bench.session.resume(call.stream)
        #expect(bench.flush() == [.body(1, "", ends: true)])
        bench.session.resume(call.stream)
        #expect(bench.flush().isEmpty && call.end == nil)
    }

    @Test func streamsTakeTurns() {
        let bench = UpstreamBench()
        bench.feed(.window(0, 1 << 20))
        let body = String(repeating: "x", count: 40_000)
        for _ in 0..<3 { _ = bench.call(body: body) }
        let data = bench.flush().filter { $0.type == F.data }
        #expect(data.map(\.stream) == [1, 3, 5, 1, 3, 5, 1, 3, 5])
        #expect(data.map(\.payload.count) == [16_384, 16_384, 16_384, 16_384, 16_384, 16_384, 7232, 7232, 7232])
        #expect(data.map { $0.flags & F.endStream } == [0, 0, 0, 0, 0, 0, 1, 1, 1])
    }

    @Test func writesAboutAsMuchAsAsked() {
        let bench = UpstreamBench()
        for _ in 0..<3 { _ = bench.call(body: String(repeating: "x", count: 20_000)) }
        var rounds = 0, total = 0
        while true {
            let bytes = bench.raw(limit: 1000)
            if bytes.isEmpty { break }
            #expect(bytes.count <= 1000 + 9 + 16_384)
            total += bytes.count
            rounds += 1
        }
        #expect(rounds >= 6 && total > 60_000)
    }

    @Test func noMoreStreamsThanAllowed() {
        let bench = UpstreamBench()
        bench.feed(.setting((3, 2)))
        let calls = (0..<4).map { _ in bench.call("GET") }
        #expect(bench.flush().filter { $0.type == F.headers }.map(\.stream) == [1, 3])
        #expect(!bench.session.wantsWrite && bench.session.openStreams == 4)
        bench.feed(.head(3, [(":status", "204")], ends: true))
        #expect(bench.session.wantsWrite)
        #expect(bench.flush().map(\.stream) == [5])
        // One that is taken back in the queue leaves no hole in the ids.
        bench.session.reset(calls[3].stream, .cancel)
        #expect(bench.flush().isEmpty && calls[3].end == .init(code: H2ErrorCode.cancel.rawValue, unsent: true))
        bench.feed(.setting((3, 9)))
        _ = bench.call("GET")
        #expect(bench.flush().last?.stream == 7)
    }

    // MARK: Answers

    @Test func answer() {
        let bench = UpstreamBench()
        let call = bench.sent(body: "x")
        bench.feed(.head(1, [(":status", "103"), ("link", "</x>")]), .head(1, [(":status", "201"), ("content-length", "5"), ("x-a", "b")]))
        #expect(call.status == 201 && call.fault == nil && text(call.response.pointee.fields.value(1)) == "b")
        bench.feed(.body(1, "he"), F(F.data, flags: F.padded, stream: 1, [3] + wire("llo") + [0, 0, 0]), .head(1, [("x-trailer", "1")], ends: true))
        #expect(call.trace == "hdec" && call.body == "hello" && call.end == .init(code: 0, unsent: false))
        #expect(call.stream.pointee.incomingEnded && !call.stream.pointee.isOpen && bench.session.openStreams == 0)
        #expect(bench.flush().isEmpty)
    }

    @Test(arguments: ["204", "304", "200"]) func answerWithoutBody(_ status: String) {
        let bench = UpstreamBench()
        let call = bench.sent(status == "200" ? "HEAD" : "GET")
        bench.feed(.head(1, [(":status", status)] + (status == "204" ? [] : [("content-length", "7")]), ends: true))
        #expect(call.trace == "hec" && call.fault == nil)
    }

    @Test func answerBeforeTheRequestIsWhole() {
        let bench = UpstreamBench()
        let call = bench.sent(body: "some", ends: false)
        bench.feed(.head(1, [(":status", "413")], ends: true))
        #expect(call.trace == "he" && call.stream.pointee.isOpen)
        call.add("more", ends: true)
        bench.session.resume(call.stream)
        #expect(bench.flush() == [.body(1, "more", ends: true)] && call.trace == "hec")
        let stopped = bench.sent(body: "some", ends: false)
        bench.feed(.head(3, [(":status", "413")], ends: true), F(F.rstStream, stream: 3, four(0)))
        #expect(stopped.trace == "hec" && stopped.end == .init(code: 0, unsent: false))
    }

    @Test func detachedAnswersAreDropped() {
        let bench = UpstreamBench { $0.connectionWindow = 65_535 }
        let call = bench.sent(), other = bench.sent()
        call.stream.pointee.detach()
        bench.feed(.head(1, [(":status", "200")]), .body(1, String(repeating: "x", count: 16_000)), .body(1, String(repeating: "x", count: 16_000)))
        bench.feed(.body(1, String(repeating: "x", count: 16_000), ends: true), .head(3, [(":status", "200")], ends: true))
        #expect(call.trace == "hec" && call.incoming.pointee.isEmpty && other.trace == "hec")
        // What was dropped is granted anew.
        #expect(bench.flush() == [.window(0, 48_000)])
    }

    // MARK: Windows

    @Test func windowsBindTheSender() {
        let bench = UpstreamBench()
        bench.feed(.setting((4, 10)))
        _ = bench.flush()
        let call = bench.sent(body: "0123456789abcdef")
        #expect(call.wrote == 10 && !bench.session.wantsWrite)
        bench.feed(.window(1, 2))
        #expect(bench.flush() == [.body(1, "ab")])
        // Taken back below 0, it has to come up again first.
        bench.feed(.setting((4, 5)), .window(1, 4))
        #expect(bench.flush().map(\.type) == [F.settings] && call.wrote == 12)
        bench.feed(.window(1, 2))
        #expect(bench.flush() == [.body(1, "c")])
        bench.feed(.setting((4, 8)))
        #expect(bench.flush().last == .body(1, "def", ends: true))
    }

    @Test func connectionWindowBindsTheSender() {
        let bench = UpstreamBench()
        let first = bench.call(body: String(repeating: "x", count: 60_000)), second = bench.call(body: String(repeating: "y", count: 60_000))
        _ = bench.flush()
        #expect(first.wrote + second.wrote == 65_535 && !bench.session.wantsWrite)
        // An end alone takes no window.
        let third = bench.sent(body: "", ends: false)
        third.add("", ends: true)
        bench.session.resume(third.stream)
        #expect(bench.session.wantsWrite)
        #expect(bench.flush() == [.body(5, "", ends: true)])
        bench.feed(.window(0, 10))
        #expect(bench.session.wantsWrite)
        #expect(bench.flush().map(\.payload.count) == [10])
        bench.feed(.window(0, 100_000))
        _ = bench.flush()
        #expect(first.wrote == 60_000 && second.wrote == 60_000)
    }

    @Test func windowsBindTheProvider() {
        for excess in [0, 1] {
            let bench = UpstreamBench { $0.streamWindow = 20_000 }
            bench.credits = false
            let call = bench.sent()
            bench.feed(.head(1, [(":status", "200")]), .body(1, String(repeating: "x", count: 10_000)))
            // Padding counts, and is granted anew by itself.
            bench.feed(F(F.data, flags: F.padded, stream: 1, [255] + [UInt8](repeating: 0, count: 9_744 + 255 + excess)))
            #expect(bench.isAlive)
            #expect(bench.flush() == (excess == 0 ? [] : [F(F.rstStream, stream: 1, four(H2ErrorCode.flowControlError.rawValue))]))
            #expect(call.end == (excess == 0 ? nil : .init(code: H2ErrorCode.flowControlError.rawValue, unsent: false)))
        }
    }

    @Test func connectionWindowBindsTheProvider() {
        let bench = UpstreamBench { $0.connectionWindow = 65_535; $0.streamWindow = 1 << 20 }
        bench.credits = false
        let call = bench.sent()
        bench.feed(.head(1, [(":status", "200")]))
        for _ in 0..<4 { bench.feed(.body(1, String(repeating: "x", count: 16_383))) }
        bench.feed(.body(1, "xyz"))
        #expect(bench.isAlive && call.incoming.pointee.count == 65_535)
        bench.feed(.body(1, "x"))
        #expect(!bench.isAlive && bench.flush().last?.code == H2ErrorCode.flowControlError.rawValue)
    }

    @Test func windowsAreGrantedByHalves() {
        let bench = UpstreamBench { $0.streamWindow = 20_000; $0.connectionWindow = 100_000 }
        bench.credits = false
        let call = bench.sent()
        bench.feed(.head(1, [(":status", "200")]), .body(1, String(repeating: "x", count: 15_000)))
        bench.session.credit(call.stream, 9_999)
        #expect(!bench.session.wantsWrite)
        bench.session.credit(call.stream, 1)
        #expect(bench.flush() == [.window(1, 10_000)])
        // More than was received is not granted.
        bench.session.credit(call.stream, 1 << 30)
        bench.session.creditConnection(1 << 30)
        #expect(bench.flush().isEmpty)
        bench.feed(.body(1, String(repeating: "x", count: 15_000), ends: true))
        bench.session.credit(call.stream, 15_000)
        #expect(bench.flush().isEmpty)
    }

    @Test func windowBeforeOurSettingsAreAcknowledged() {
        let bench = UpstreamBench({ $0.streamWindow = 100; $0.connectionWindow = 1 << 20 }, greets: false)
        bench.feed(.setting())
        _ = bench.raw()
        let call = bench.sent()
        bench.credits = false
        bench.feed(.head(1, [(":status", "200")]), .body(1, String(repeating: "x", count: 16_000)), F(F.settings, flags: F.ack))
        #expect(bench.isAlive && call.trace == "hd")
        bench.feed(.body(1, "x"))
        #expect(bench.flush().last?.code == H2ErrorCode.flowControlError.rawValue)
        let next = bench.sent()
        bench.feed(.head(3, [(":status", "200")]), .body(3, String(repeating: "x", count: 100)))
        #expect(next.incoming.pointee.count == 100)
        bench.feed(.body(3, "x"))
        #expect(bench.flush().last == F(F.rstStream, stream: 3, four(H2ErrorCode.flowControlError.rawValue)))
    }

    // MARK: Sent or not

    @Test func takenBackBeforeItWasHandedOut() throws {
        let bench = UpstreamBench()
        let first = bench.call(body: "a", fields: [("x-once", "1")]), second = bench.call(body: "b", fields: [("x-once", "2")])
        bench.session.reset(first.stream, .cancel)
        bench.session.reset(first.stream, .protocolError)
        #expect(first.end == nil && bench.session.openStreams == 2)
        let frames = bench.flush()
        // No octet of it went out, and the compression state knows nothing of it.
        #expect(first.end == .init(code: H2ErrorCode.cancel.rawValue, unsent: true) && first.wrote == 0 && first.outgoing.pointee.count == 1)
        #expect(frames.map(\.stream) == [1, 1] && frames[1] == .body(1, "b", ends: true))
        #expect(try bench.fields(frames).last == "x-once: 2")
        let third = bench.call("GET", fields: [("x-once", "2")])
        #expect(try bench.fields(bench.flush()).last == "x-once: 2")
        bench.feed(.head(1, [(":status", "200")], ends: true), .head(3, [(":status", "201")], ends: true))
        #expect(second.status == 200 && third.status == 201)
        // Closed streams are nobody's any more.
        bench.session.reset(first.stream, .cancel)
        bench.session.credit(first.stream, 5)
        bench.session.resume(first.stream)
        #expect(bench.flush().isEmpty)
    }

    @Test func takenBackAfterItWasHandedOut() {
        let bench = UpstreamBench()
        bench.feed(.setting((4, 0)))
        let call = bench.sent(body: "waits for a window")
        bench.session.reset(call.stream, .cancel)
        #expect(bench.flush() == [F(F.rstStream, stream: 1, four(H2ErrorCode.cancel.rawValue))])
        #expect(call.end == .init(code: H2ErrorCode.cancel.rawValue, unsent: false) && call.wrote == 0)
        // An answer that crosses it is dropped.
        bench.feed(.head(1, [(":status", "200")]), .body(1, "x", ends: true), F(F.rstStream, stream: 1, four(7)))
        #expect(bench.isAlive && call.trace == "c")
    }

    @Test func onlyWhatWasHandedOutIsSent() {
        let bench = UpstreamBench()
        let calls = (0..<4).map { _ in bench.call(body: "x") }
        // Room for one octet: one HEADERS goes out whole, the others have not begun.
        #expect(bench.flush(limit: 1).map(\.stream) == [1])
        bench.feed(F(F.goaway, four(0x7fff_ffff) + four(0)))
        #expect(calls.map { $0.end?.unsent } == [nil, true, true, true])
        #expect(bench.goaways == 1 && bench.session.openStreams == 1 && !bench.session.isFinished)
        #expect(!UpstreamCall().submit(to: bench.session))
        _ = bench.flush()
        bench.feed(.head(1, [(":status", "200")], ends: true))
        #expect(calls[0].trace == "hec" && bench.session.isFinished)
    }

    @Test func goawayNamesWhatWasTaken() {
        let bench = UpstreamBench()
        let calls = (0..<40).map { _ in bench.sent(body: "x") }
        bench.session.reset(calls[39].stream, .cancel)
        bench.feed(F(F.goaway, four(41) + four(0)))
        for (index, call) in calls.enumerated() {
            #expect(call.end == (index <= 20 ? nil : .init(code: H2ErrorCode.refusedStream.rawValue, unsent: true)))
        }
        #expect(bench.session.openStreams == 21 && bench.flush().isEmpty)
        bench.feed(F(F.goaway, four(41) + four(0)), F(F.goaway, four(1) + four(0)), .head(1, [(":status", "200")], ends: true))
        #expect(calls[1].end?.unsent == true && calls[0].trace == "hec" && bench.session.openStreams == 0 && bench.session.isFinished)
    }

    @Test(arguments: [H2ErrorCode.refusedStream, .cancel, .internalError, .noError]) func resetByTheProvider(_ code: H2ErrorCode) {
        let bench = UpstreamBench()
        let call = bench.sent(body: "some", ends: false), other = bench.sent()
        bench.feed(F(F.rstStream, stream: 1, four(code.rawValue)))
        #expect(call.trace == "c" && call.end == .init(code: code.rawValue, unsent: code == .refusedStream))
        call.add("more", ends: true)
        bench.session.resume(call.stream)
        #expect(bench.flush().isEmpty)
        // A reset of ours that has not gone out is not needed any more.
        bench.session.reset(other.stream, .cancel)
        bench.feed(F(F.rstStream, stream: 3, four(code.rawValue)))
        #expect(bench.flush().isEmpty && other.trace == "c")
    }

    @Test func connectionErrorTakesNothingBack() {
        let bench = UpstreamBench()
        let sent = bench.sent(), waiting = bench.call(body: "x")
        bench.feed(F(F.pushPromise, flags: F.endHeaders, stream: 1, four(2)))
        let frames = bench.flush()
        #expect(frames.map(\.type) == [F.goaway] && sent.end == nil && waiting.end == nil && waiting.wrote == 0)
    }

    // MARK: Splits

    /// A conversation of all kinds of frames reads the same wherever the network cuts it.
    @Test func everySplit() {
        let frames: [H2Frame] = [
            .setting((3, 50), (4, 100_000), (5, 20_000)), F(F.settings, flags: F.ack), F(F.ping, wire("whoisit?")), F(77, flags: 9, stream: 3, wire("what is this?")),
            .head(1, [(":status", "103")]), F(F.headers, flags: F.padded | F.hasPriority, stream: 1, [2, 0, 0, 0, 0, 5, 0x88] + [0, 0]),
            F(F.continuation, stream: 1), F(F.continuation, flags: F.endHeaders, stream: 1, F.literals([("x-long", "value")])), .window(0, 1000), .window(3, 1),
            .body(1, "hel"), F(F.data, flags: F.padded, stream: 1, [2] + wire("lo") + [0, 0]), F(F.data, flags: F.padded, stream: 1, [0]),
            .body(3, "early"), .head(5, [(":status", "200")]), .body(5, ""), .body(5, "", ends: true), F(F.priority, stream: 1, [0, 0, 0, 0, 0]),
            .head(1, [("x-trailer", "1")], ends: true), F(F.rstStream, stream: 7, four(8)), F(F.goaway, four(9) + four(0) + wire("bye")),
        ]
        let bytes = frames.flatMap(\.bytes)
        func read(_ pieces: [ArraySlice<UInt8>]) -> String {
            let bench = UpstreamBench(greets: false)
            let calls = (0..<6).map { _ in bench.call(body: "x") }
            _ = bench.raw()
            for piece in pieces { bench.feed(Array(piece)) }
            let out = bench.flush()
            return calls.map { "\($0.trace) \($0.status) \($0.body) \($0.end.map { "\($0)" } ?? "-")" }.joined(separator: "\n") + " \(out) \(bench.goaways) \(bench.isAlive)"
        }
        let whole = read([bytes[...]])
        #expect(whole.contains("hdec 200 hello") && whole.contains("true"))
        for cut in 0...bytes.count { #expect(read([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)") }
        for size in [1, 2, 3, 7, 10] {
            #expect(read(stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }) == whole, "pieces of \(size)")
        }
    }
}

extension String {
    fileprivate subscript(_ at: Int) -> Character { self[index(startIndex, offsetBy: at)] }
}
