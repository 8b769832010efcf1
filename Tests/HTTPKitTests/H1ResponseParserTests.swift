import Bytes
import HTTPKit
import Testing

private struct ResponseReading: Equatable {
    var step: H1ParseStep
    var status = 0
    var framing = BodyFraming.none
    var contentLength: Int?
    var keepAlive = false
    var fields: [RequestReading.Pair] = []
    var fault: HTTPFault? { if case .failed(let fault) = step { fault } else { nil } }
}

private func read(_ bytes: [UInt8], arrivals: [Int], _ method: HTTPMethod, _ limits: H1Limits = .response) -> ResponseReading {
    var parser = H1ResponseParser(limits: limits)
    var head = ResponseHead()
    var step = H1ParseStep.needMore
    for count in arrivals {
        step = Array(bytes[..<count]).withUnsafeBufferPointer { parser.parse($0, answering: method, into: &head) }
        if step != .needMore { break }
    }
    guard case .done = step else { return ResponseReading(step: step) }
    return ResponseReading(
        step: step, status: head.status, framing: head.framing, contentLength: head.contentLength, keepAlive: head.keepAlive,
        fields: pairs(head.fields))
}

private func read(_ text: String, _ method: HTTPMethod = .post) -> ResponseReading {
    let bytes = wire(text)
    let whole = read(bytes, arrivals: [bytes.count], method)
    let stride = bytes.count < 2000 ? 1 : 61
    #expect(read(bytes, arrivals: Array(Swift.stride(from: 1, to: bytes.count, by: stride)) + [bytes.count], method) == whole)
    return whole
}

@Suite struct H1ResponseParserTests {
    @Test(arguments: [
        Rule("HTTP/1.1 200 OK\r\n\r\n"), Rule("HTTP/1.1 200 \r\n\r\n"), Rule("HTTP/1.1 200\r\n\r\n"), Rule("HTTP/1.0 200 OK\r\n\r\n"),
        Rule("HTTP/1.1 299 Caf\u{e9}\r\nX_Y: 1\r\n\r\n"), Rule("HTTP/1.1 200 OK\r\nServer:\r\n\r\n"), Rule("HTTP/1.1 599 x\r\n\r\n"),
        Rule("HTTP/1.1 099 x\r\n\r\n", .statusLine), Rule("HTTP/1.1 600 x\r\n\r\n", .statusLine), Rule("HTTP/1.1 20 OK\r\n\r\n", .statusLine),
        Rule("HTTP/1.1 2000 x\r\n\r\n", .statusLine), Rule("HTTP/1.1  200 x\r\n\r\n", .statusLine), Rule("HTTP/2.0 200 OK\r\n\r\n", .version),
        Rule("http/1.1 200 OK\r\n\r\n", .version), Rule("ICY 200 OK Really\r\n\r\n", .version), Rule("\r\nHTTP/1.1 200 OK\r\n\r\n", .statusLine),
        Rule("HTTP/1.1 200 O\0K\r\n\r\n", .controlOctet), Rule("HTTP/1.1 200 O\rK\r\n\r\n", .bareCarriageReturn),
        Rule("HTTP/1.1 200 OK\n\n", .bareLineFeed), Rule("HTTP/1.1 200 OK\r\nA: b\n\r\n", .bareLineFeed), Rule("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .foldedField),
        Rule("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .spaceBeforeColon), Rule("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .bareCarriageReturn),
        Rule("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", .switchingProtocols),
        Rule("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .twoFramings),
        Rule("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .contentLengthRepeated),
        Rule("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", .contentLength), Rule("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .contentLength),
        Rule("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferEncoding), Rule("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInHTTP10),
        Rule("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n", .interimResponses), Rule("HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", .interimResponses),
    ]) func rules(rule: Rule) { #expect(read(rule.message).fault == rule.fault) }

    @Test(arguments: [
        ("200", "Content-Length: 5", HTTPMethod.post, BodyFraming.length(5), true), ("200", "Content-Length: 0", .get, .length(0), true),
        ("200", "Transfer-Encoding: Chunked", .post, .chunked, true), ("200", "A: b", .post, .untilEnd, false),
        ("200", "Connection: close", .post, .untilEnd, false), ("500", "Content-Length: 5\r\nConnection: close", .post, .length(5), false),
        ("204", "A: b", .post, .none, true), ("204", "Content-Length: 0", .post, .none, true), ("204", "Content-Length: 5", .post, .none, false),
        ("204", "Transfer-Encoding: chunked", .post, .none, false), ("304", "Content-Length: 5", .get, .none, true),
        ("200", "Content-Length: 5", .head, .none, true), ("200", "Transfer-Encoding: chunked", .head, .none, true), ("200", "A: b", .head, .none, true),
        ("100", "A: b", .post, .none, true), ("103", "Link: </x>", .post, .none, true),
    ]) func framing(status: String, lines: String, method: HTTPMethod, expected: BodyFraming, keepAlive: Bool) {
        let reading = read("HTTP/1.1 \(status) X\r\n\(lines)\r\n\r\n", method)
        #expect(reading.status == Int(status))
        #expect(reading.framing == expected)
        #expect(reading.keepAlive == keepAlive)
        #expect(reading.contentLength == (lines.contains("Content-Length: 5") ? 5 : lines.contains("Content-Length: 0") ? 0 : nil))
    }

    @Test func http10LivesOnOnlyWhenItSaysSo() {
        #expect(!read("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n").keepAlive)
        #expect(read("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\n").keepAlive)
        #expect(!read("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n").keepAlive)
    }

    @Test func connectionMayNameAnything() {
        let reading = read(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Hop: 1\r\nServer: s\r\nConnection: keep-alive\r\nConnection: Transfer-Encoding, x-hop\r\n\r\n")
        #expect(reading.framing == .chunked && reading.keepAlive)
        #expect(reading.fields.map(\.isNominated) == [true, true, false, false, false])
    }

    @Test func interimHeadsComeOneByOneAndAreCounted() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\n", final = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
        for count in [0, 1, 8, 9] {
            let bytes = wire(String(repeating: interim, count: count) + final)
            var parser = H1ResponseParser()
            var head = ResponseHead()
            bytes.withUnsafeBufferPointer { all in
                for i in 0..<count {
                    let step = parser.parse(UnsafeBufferPointer(rebasing: all[(i * interim.utf8.count)...]), answering: .post, into: &head)
                    #expect(step == (i < 8 ? .done(consumed: interim.utf8.count) : .failed(.interimResponses)))
                    #expect(head.status == 100)
                }
                guard count < 9 else { return }
                let rest = UnsafeBufferPointer(rebasing: all[(count * interim.utf8.count)...])
                #expect(parser.parse(rest, answering: .post, into: &head) == .done(consumed: final.utf8.count))
                #expect(head.status == 202 && !head.isInterim)
            }
        }
    }

    @Test(arguments: [-1, 0, 1]) func limits(beyond: Int) {
        let many = String(repeating: "a: b\r\n", count: 200 + beyond)
        #expect(read("HTTP/1.1 200 OK\r\n" + many + "\r\n").fault == (beyond > 0 ? .tooManyFields : nil))
        let line = "a: " + String(repeating: "b", count: 32768 - 3 + beyond)
        #expect(read("HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n").fault == (beyond > 0 ? .fieldLineTooLong : nil))
        let half = "a: " + String(repeating: "b", count: 32768 - 5), rest = "a: " + String(repeating: "b", count: 32768 - 5 + beyond)
        #expect(read("HTTP/1.1 200 OK\r\n" + half + "\r\n" + rest + "\r\n\r\n").fault == (beyond > 0 ? .fieldsTooLarge : nil))
        let status = "HTTP/1.1 200 " + String(repeating: "b", count: 8192 - 13 + beyond)
        #expect(read(status + "\r\n\r\n").fault == (beyond > 0 ? .statusLine : nil))
    }
}
