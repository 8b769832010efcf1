import AllocationCounter
import Bytes
import HTTPKit
import Testing

/// A warm connection reads and writes messages without touching the heap.
@Suite struct AllocationTests {
    @Test(.enabled(if: allocation_counting_is_on())) func aWarmExchangeAllocatesNothing() {
        let request = wire(
            post("User-Agent: x", "Accept: */*", "Connection: keep-alive, x-hop", "X-Hop: 1", "Cookie: a", "Cookie: b", "Transfer-Encoding: chunked"))
        let body = wire("5\r\nhello\r\n0\r\n\r\n")
        let response = wire("HTTP/1.1 201 Created\r\nServer: s\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n")
        let refused = wire(post("Transfer-Encoding: gzip"))
        var date = HTTPDate(seconds: 0)
        var requestParser = H1RequestParser(), responseParser = H1ResponseParser()
        var requestHead = RequestHead(), responseHead = ResponseHead()
        var out = GrowableBytes(capacity: 4096)
        var written = 0

        func exchange(_ round: Int) {
            out.reset()
            written = 0
            request.withUnsafeBufferPointer { input in
                // Cut in two, as the network does.
                _ = requestParser.parse(UnsafeBufferPointer(rebasing: input[..<(round % input.count)]), into: &requestHead)
                guard case .done = requestParser.parse(input, into: &requestHead) else { return }
                H1Writer.request(
                    requestHead, target: requestHead.fields.bytes(requestHead.path), host: requestHead.fields.bytes(requestHead.authority),
                    framing: .chunked, into: &out)
            }
            body.withUnsafeBufferPointer {
                var decoder = ChunkedDecoder()
                var rest = $0
                while case .payload(let range) = decoder.decode(rest) {
                    H1Writer.chunk(UnsafeBufferPointer(rebasing: rest[range]), into: &out)
                    rest = UnsafeBufferPointer(rebasing: rest[range.upperBound...])
                }
                out.append(H1Writer.lastChunk)
            }
            response.withUnsafeBufferPointer {
                guard case .done = responseParser.parse($0, answering: .post, into: &responseHead) else { return }
                date.advance(to: round)
                _ = date.withBytes {
                    H1Writer.response(
                        status: responseHead.status, fields: responseHead.fields, framing: responseHead.framing, client: .http11,
                        answering: .post, keepAlive: true, date: $0, into: &out)
                }
            }
            written = out.count
            refused.withUnsafeBufferPointer { _ = requestParser.parse($0, into: &requestHead) }
            requestParser.reset()
        }

        for round in 0..<200 { exchange(round) }
        let before = allocation_count()
        for round in 0..<1000 { exchange(round) }
        let allocations = allocation_count() - before
        #expect(allocations == 0)
        #expect(written == 213)     // the whole exchange took place
    }

    /// Requests and answers on a connection to a provider: the tables have grown, and so has the memory for events.
    @Test(.enabled(if: allocation_counting_is_on())) func aWarmConnectionToAProviderAllocatesNothing() {
        let session = H2Upstream(H2Limits(), now: 0)
        let call = UpstreamCall(body: "to=1", ends: true, length: 4, fields: [("content-type", "text/plain"), ("x-a", "b")])
        call.outgoing.pointee.keepsConsumed = true
        let greeting = H2Frame.setting((3, 100)).bytes + H2Frame(H2Frame.settings, flags: H2Frame.ack).bytes
        _ = greeting.withUnsafeBufferPointer { session.receive($0, now: 0) }
        var answer = (H2Frame.head(1, [(":status", "201"), ("content-length", "5"), ("x-c", "d")]).bytes + H2Frame.body(1, "hello", ends: true).bytes)
        let second = answer.count - 14
        var out = GrowableBytes(capacity: 4096)
        var ends = 0

        func exchange(_ round: UInt32) {
            call.stream.pointee = H2Stream()
            call.stream.pointee.response = call.response
            call.stream.pointee.incoming = call.incoming
            call.stream.pointee.outgoing = call.outgoing
            call.stream.pointee.outgoingEnded = true
            call.response.pointee.reset()
            call.incoming.pointee.reset()
            call.outgoing.pointee.rewind()
            _ = call.submit(to: session)
            out.reset()
            while session.write(into: &out, atMost: 4096) {}
            for index in 0..<4 {
                answer[5 + index] = UInt8(truncatingIfNeeded: (2 * round + 1) >> UInt32(24 - 8 * index))
                answer[second + 5 + index] = answer[5 + index]
            }
            answer.withUnsafeBufferPointer {
                let cut = Int(round) % $0.count
                _ = session.receive(UnsafeBufferPointer(rebasing: $0[..<cut]), now: 1)
                _ = session.receive(UnsafeBufferPointer(rebasing: $0[cut...]), now: 1)
            }
            while let event = session.nextEvent() {
                switch event {
                case .data(let stream, let count):
                    session.credit(stream, count)
                    session.creditConnection(count)
                case .closed(_, 0, unsent: false): ends += 1
                default: break
                }
            }
        }

        for round in 0..<200 { exchange(UInt32(round)) }
        let before = allocation_count()
        for round in 200..<1200 { exchange(UInt32(round)) }
        let allocations = allocation_count() - before
        #expect(allocations == 0)
        #expect(ends == 1200)
    }
}
