import HTTPKit
import Testing

/// Each limit at one below, at, and one above.
@Suite struct H1RequestLimitTests {
    static let around = [-1, 0, 1]

    @Test(arguments: around) func requestLine(_ beyond: Int) {
        let line = "GET /" + String(repeating: "a", count: 8192 + beyond - 14) + " HTTP/1.1"
        #expect(line.utf8.count == 8192 + beyond)
        #expect(readRequest(line + "\r\nHost: a\r\n\r\n").fault == (beyond > 0 ? .requestLineTooLong : nil))
    }

    @Test(arguments: around) func fieldLine(_ beyond: Int) {
        let line = "a: " + String(repeating: "b", count: 8192 + beyond - 3)
        #expect(readRequest(post(line)).fault == (beyond > 0 ? .fieldLineTooLong : nil))
    }

    @Test(arguments: around) func allFields(_ beyond: Int) {
        // Host line 17 bytes with CRLF; four lines of 8000; the rest in one.
        let lines = Array(repeating: "a: " + String(repeating: "b", count: 7995), count: 4)
        let rest = 32768 + beyond - 17 - 4 * 8000
        let last = "c: " + String(repeating: "d", count: rest - 5)
        let message = "POST /m HTTP/1.1\r\nHost: a.example\r\n" + (lines + [last]).map { $0 + "\r\n" }.joined() + "\r\n"
        #expect(message.utf8.count == 18 + 32768 + beyond + 2)
        #expect(readRequest(message).fault == (beyond > 0 ? .fieldsTooLarge : nil))
    }

    @Test(arguments: around) func fieldCount(_ beyond: Int) {
        let lines = Array(repeating: "a: b\r\n", count: 99 + beyond).joined()
        let reading = readRequest("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n")
        #expect(reading.fault == (beyond > 0 ? .tooManyFields : nil))
        #expect(reading.fields.count == (beyond > 0 ? 0 : 100 + beyond))
    }

    @Test func anEndlessLineIsRefusedBeforeItEnds() {
        for (start, fault, most) in [
            ("GET /", HTTPFault.requestLineTooLong, 8194), ("GET / HTTP/1.1\r\na: ", HTTPFault.fieldLineTooLong, 8194 + 16),
        ] {
            let bytes = wire(start) + Array(repeating: UInt8(ascii: "x"), count: 9000)
            #expect(readRequest(bytes, arrivals: 1..<most).fault == nil)
            #expect(readRequest(bytes, arrivals: 1...most).fault == fault)
        }
    }

    @Test func limitsAreParameters() {
        let tight = H1Limits(startLine: 14, fieldLine: 7, allFields: 18, fieldCount: 2, leadingBlankLines: 0)
        #expect(readRequest("GET / HTTP/1.1\r\nHost: a\r\nb: cdef\r\n\r\n", limits: tight).fault == nil)
        #expect(readRequest("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", limits: tight).fault == .requestLineTooLong)
        #expect(readRequest("GET / HTTP/1.1\r\nHost: ab\r\n\r\n", limits: tight).fault == .fieldLineTooLong)
        #expect(readRequest("GET / HTTP/1.1\r\nHost: a\r\nb: c\r\nd:\r\n\r\n", limits: tight).fault == .fieldsTooLarge)
        #expect(readRequest("GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\n\r\n", limits: tight).fault == .tooManyFields)
        #expect(readRequest("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", limits: tight).fault == .blankLines)
    }

    @Test func pipelinedRequestsAreReadOneByOne() {
        let first = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX: 1\r\n\r\n", second = "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n"
        let bytes = wire(first + "abc" + second + second + "GE")
        var parser = H1RequestParser()
        var head = RequestHead()
        bytes.withUnsafeBufferPointer { all in
            #expect(parser.isBetweenMessages)
            #expect(parser.parse(all, into: &head) == .done(consumed: first.utf8.count))
            #expect(text(head.fields.bytes(head.path)) == "/1" && head.fields.count == 3)
            var at = first.utf8.count + 3
            for _ in 0..<2 {
                #expect(parser.parse(UnsafeBufferPointer(rebasing: all[at...]), into: &head) == .done(consumed: second.utf8.count))
                #expect(text(head.fields.bytes(head.path)) == "/2" && head.fields.count == 1 && head.framing == .none)
                at += second.utf8.count
            }
            #expect(parser.isBetweenMessages)
            #expect(parser.parse(UnsafeBufferPointer(rebasing: all[at...]), into: &head) == .needMore)
            #expect(!parser.isBetweenMessages)
        }
    }

    @Test func aFaultStaysUntilReset() {
        var parser = H1RequestParser()
        var head = RequestHead()
        let bad = wire("GET / HTTP/1.1\r\nA b: c\r\n\r\n"), good = wire("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<2 { bad.withUnsafeBufferPointer { #expect(parser.parse($0, into: &head) == .failed(.fieldName)) } }
        good.withUnsafeBufferPointer { #expect(parser.parse($0, into: &head) == .failed(.fieldName)) }
        parser.reset()
        good.withUnsafeBufferPointer { #expect(parser.parse($0, into: &head) == .done(consumed: good.count)) }
    }
}
