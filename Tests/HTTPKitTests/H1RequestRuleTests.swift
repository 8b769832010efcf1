import HTTPKit
import Testing

/// One table per rule of hardening 2.1. Every message is also parsed cut at each byte (see `readRequest`).
@Suite struct H1RequestRuleTests {
    private func check(_ rule: Rule) { #expect(readRequest(rule.message).fault == rule.fault) }

    @Test(arguments: [
        Rule(post("Content-Length: 5", "Transfer-Encoding: chunked"), .twoFramings),
        Rule(post("Transfer-Encoding: chunked", "Content-Length: 5"), .twoFramings),
        Rule(post("Content-Length: 5", "Content-Length: 6"), .contentLengthRepeated),
        Rule(post("Content-Length: 5", "Content-Length: 5"), .contentLengthRepeated),
        Rule(post("Content-Length: 5, 5"), .contentLength), Rule(post("Content-Length: 5,6"), .contentLength),
        Rule(post("Content-Length: +5"), .contentLength), Rule(post("Content-Length: -5"), .contentLength),
        Rule(post("Content-Length: 5 5"), .contentLength), Rule(post("Content-Length: 0x5"), .contentLength),
        Rule(post("Content-Length: 5a"), .contentLength), Rule(post("Content-Length:"), .contentLength),
        Rule(post("Content-Length: "), .contentLength), Rule(post("Content-Length: 5;"), .contentLength),
        Rule(post("Content-Length: \u{b2}"), .contentLength), Rule(post("Content-Length: 5\u{a0}"), .contentLength),
        Rule(post("Content-Length: 99999999999999999999"), .contentLength),         // 20 digits
        Rule(post("Content-Length: 00000000000000000005"), .contentLength),
        Rule(post("Content-Length: 9223372036854775808"), .contentLength),          // 2^63
        Rule(post("Content-Length: 9223372036854775807")), Rule(post("Content-Length: 5")), Rule(post("Content-Length:5")),
        Rule(post("content-LENGTH: \t 0 ")),
    ]) func contentLength(rule: Rule) { check(rule) }

    @Test(arguments: [
        Rule(post("Transfer-Encoding: chunked")), Rule(post("transfer-encoding: CHUNKED")),
        Rule(post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), .transferEncodingRepeated),
        Rule(post("Transfer-Encoding: gzip, chunked"), .transferEncoding), Rule(post("Transfer-Encoding: chunked, chunked"), .transferEncoding),
        Rule(post("Transfer-Encoding: identity"), .transferEncoding), Rule(post("Transfer-Encoding:"), .transferEncoding),
        Rule(post("Transfer-Encoding: chunked;a=b"), .transferEncoding), Rule(post("Transfer-Encoding: \"chunked\""), .transferEncoding),
        Rule(post("Transfer-Encoding: xchunked"), .transferEncoding), Rule(post("Transfer-Encoding: chunked,"), .transferEncoding),
        Rule(post("Transfer-Encoding: \u{0b}chunked"), .controlOctet), Rule(post("Transfer-Encoding: chunked\u{a0}"), .transferEncoding),
        Rule(post("Transfer-Encoding : chunked"), .spaceBeforeColon), Rule(post("Transfer_Encoding: chunked"), .fieldNameUnderscore),
        Rule("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInHTTP10),
    ]) func transferEncoding(rule: Rule) { check(rule) }

    @Test(arguments: [
        Rule("GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineFeed), Rule("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
        Rule("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed), Rule("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed),
        Rule(post("A: b\rc"), .bareCarriageReturn), Rule(post("A\r: b"), .bareCarriageReturn), Rule(post("A: b\r"), .bareCarriageReturn),
        Rule(post("A: b\r\r\nC: d"), .bareCarriageReturn), Rule("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", .bareCarriageReturn),
        Rule("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .bareCarriageReturn), Rule("G\rET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareCarriageReturn),
        Rule(post("A: b\0c"), .controlOctet), Rule(post("A\0: b"), .controlOctet), Rule(post("A: b\u{7f}"), .controlOctet),
        Rule(post("A: long enough for words \u{1b} inside"), .controlOctet), Rule("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .controlOctet),
        Rule(post("A: b", " c"), .foldedField), Rule(post("A: b", "\tc"), .foldedField), Rule(post(" A: b"), .foldedField),
        Rule(post("A: b\tc and more text behind the tab")), Rule(post("A: caf\u{e9} \u{ff}")), Rule(post("A:")), Rule(post("A: \t ")),
    ]) func lines(rule: Rule) { check(rule) }

    @Test(arguments: [
        Rule(post("A b: c"), .fieldName), Rule(post("A(: c"), .fieldName), Rule(post(": c"), .fieldName), Rule(post("A\u{e9}: c"), .fieldName),
        Rule(post("A"), .missingColon), Rule(post("A : c"), .spaceBeforeColon), Rule(post("A\t: c"), .spaceBeforeColon),
        Rule(post("A_B: c"), .fieldNameUnderscore), Rule(post("_: c"), .fieldNameUnderscore), Rule(post("A@: c"), .fieldName),
        Rule(post("!#$%&'*+-.^`|~09azAZ: c")),
    ]) func fieldNames(rule: Rule) { check(rule) }

    @Test(arguments: [
        Rule("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .targetOctet), Rule("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .targetOctet),
        Rule("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .requestLine), Rule(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        Rule("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .method), Rule("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .targetOctet),
        Rule("GET /\r\nHost: a\r\n\r\n", .requestLine), Rule("GET\r\nHost: a\r\n\r\n", .requestLine), Rule("GET HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        Rule("GET / http/1.1\r\nHost: a\r\n\r\n", .requestLine), Rule("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .requestLine),
        Rule("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .version), Rule("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .version),
        Rule("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .version), Rule("GET / HTTP/1,1\r\nHost: a\r\n\r\n", .requestLine),
        Rule("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .method), Rule("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", .targetOctet),
        Rule("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .targetFragment), Rule("GET /aaaaaaaaaaaaa#b HTTP/1.1\r\nHost: a\r\n\r\n", .targetFragment),
        Rule("GET /a\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n", .targetOctet), Rule("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        Rule("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .target), Rule("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        Rule("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", .connectRefused), Rule("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", .traceRefused),
        Rule("GET //x HTTP/1.1\r\nHost: a\r\n\r\n"), Rule("FROB /x?y={}[]|\\^%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        Rule("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Rule("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Rule("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .blankLines), Rule("\r\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
    ]) func requestLine(rule: Rule) { check(rule) }

    @Test(arguments: [
        Rule("GET / HTTP/1.1\r\n\r\n", .hostMissing), Rule("GET / HTTP/1.0\r\n\r\n", .hostMissing),
        Rule("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated), Rule("GET / HTTP/1.1\r\nHost:\r\n\r\n", .hostInvalid),
        Rule("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .hostInvalid), Rule("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .hostInvalid),
        Rule("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostInvalid), Rule("GET / HTTP/1.1\r\nHost: a:\r\n\r\n", .hostInvalid),
        Rule("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .hostInvalid), Rule("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostInvalid),
        Rule("GET http://a/x HTTP/1.1\r\nHost: b\r\n\r\n", .hostMismatch), Rule("GET http://a:81/x HTTP/1.1\r\nHost: a\r\n\r\n", .hostMismatch),
        Rule("GET https://a/x HTTP/1.1\r\nHost: a:80\r\n\r\n", .hostMismatch), Rule("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        Rule("GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", .target), Rule("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        Rule("GET https://a HTTP/1.1\r\nHost: a\r\n\r\n"), Rule("GET HTTPS://A:443/x HTTP/1.1\r\nHost: a\r\n\r\n"),
        Rule("GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n"), Rule("GET / HTTP/1.1\r\nHost: API.Twilio.com:443\r\n\r\n"),
    ]) func hosts(rule: Rule) { check(rule) }

    @Test(arguments: [
        Rule(post("Connection: content-type"), .connectionNamesProtected), Rule(post("Connection: close, Content-Length"), .connectionNamesProtected),
        Rule(post("Connection: content-encoding"), .connectionNamesProtected), Rule(post("Connection: HOST"), .connectionNamesProtected),
        Rule(post("Connection: authorization"), .connectionNamesProtected), Rule(post("Connection: transfer-encoding"), .connectionNamesProtected),
        Rule(post("Connection: x-forwarded-port", "X-Forwarded-Port: 1"), .connectionNamesProtected),
        Rule(post("Connection: x-forwarded-port"), .connectionNamesProtected), Rule(post("Connection: Stopgate-X"), .connectionNamesProtected),
        Rule(post("Connection: close", "Connection: cookie"), .connectionNamesProtected),
        Rule(post("Connection: a b"), .connectionOption), Rule(post("Connection: close;x"), .connectionOption),
        Rule(post("Connection: " + Array(repeating: "x", count: 33).joined(separator: ",")), .connectionOption),
        Rule(post("Connection: " + Array(repeating: "x", count: 32).joined(separator: ","))),
        Rule(post("Connection: ,close, ,")), Rule(post("Connection:")), Rule(post("Connection: TE, keep-alive", "TE: trailers")),
        Rule(post("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")),
        Rule(post("Expect: 100-continue")), Rule(post("Expect: 100-CONTINUE")), Rule(post("Expect: 200-ok"), .expectation),
        Rule(post("Expect:"), .expectation), Rule(post("Expect: 100-continue", "Expect: 100-continue"), .expectation),
        Rule(post("Expect: 100-continue, x"), .expectation),
    ]) func connectionAndExpect(rule: Rule) { check(rule) }

    /// Octets are tested a word at a time: so each octet is tried at each place in a word, and behind one.
    @Test func everyOctetAtEveryPlace() {
        let tokens = Set("!#$%&'*+-.^`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        func read(_ before: String, _ word: [UInt8], _ behind: String) -> RequestReading {
            let bytes = wire(before) + word + wire(behind)
            return readRequest(bytes, arrivals: [bytes.count])
        }
        for length in [1, 7, 8, 9, 17] {
            for place in 0..<length {
                for octet in UInt8.min...UInt8.max {
                    var word = [UInt8](repeating: UInt8(ascii: "q"), count: length)
                    word[place] = octet
                    let named = read("GET / HTTP/1.1\r\nHost: a\r\n", word, ":v\r\n\r\n")
                    if tokens.contains(octet) {
                        #expect(named.fields.last?.name == String(decoding: word, as: UTF8.self).lowercased())
                    } else if octet != UInt8(ascii: ":") {
                        #expect(named.fault != nil, "name octet \(octet) at \(place) of \(length)")
                    }
                    let isText = octet == 9 || (octet >= 32 && octet != 127)
                    let valued = read("GET / HTTP/1.1\r\nHost: a\r\nb:", word, "\r\n\r\n")
                    #expect((valued.fault == nil) == isText, "value octet \(octet) at \(place) of \(length)")
                    let isTarget = octet > 32 && octet < 127 && octet != UInt8(ascii: "#")
                    let targeted = read("GET /", word, " HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect((targeted.fault == nil) == isTarget, "target octet \(octet) at \(place) of \(length)")
                }
            }
        }
    }

    @Test func whatAHeadSays() {
        let head =
            "\r\nPOST /v1/x?y=1 HTTP/1.1\r\nHOST: Api.Example:8443\r\nContent-Length:  12 \r\nX-A: b  c\t\r\nConnection: close, x-a\r\n"
                + "Expect: 100-continue\r\nUpgrade: websocket\r\n\r\n"
        let reading = readRequest(head + "body")
        #expect(reading.step == .done(consumed: wire(head).count))
        #expect(reading.method == .post && reading.methodName == "POST" && reading.version == .http11)
        #expect(reading.path == "/v1/x?y=1" && reading.authority == "Api.Example:8443")
        #expect(reading.framing == .length(12))
        #expect(!reading.keepAlive && reading.expectsContinue && reading.offersUpgrade)
        #expect(reading.fields.map(\.name) == ["host", "content-length", "x-a", "connection", "expect", "upgrade"])
        #expect(reading.fields.map(\.value) == ["Api.Example:8443", "12", "b  c", "close, x-a", "100-continue", "websocket"])
        #expect(reading.fields.map(\.isNominated) == [false, false, true, false, false, false])
    }

    @Test func targetsAreRewrittenToOriginForm() {
        func path(_ target: String) -> String { readRequest("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").path }
        #expect(path("https://a") == "/")
        #expect(path("https://a?x=1") == "/?x=1")
        #expect(path("http://A:80/b/c?d") == "/b/c?d")
        #expect(path("/b/c?d") == "/b/c?d")
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "keep-alive, close", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Keep-Alive", true), ("HTTP/1.0", "close, keep-alive", false), ("HTTP/1.1", "CLOSE", false),
    ]) func keepAlive(version: String, connection: String, expected: Bool) {
        #expect(readRequest("GET / \(version)\r\nHost: a\r\nConnection: \(connection)\r\n\r\n").keepAlive == expected)
    }

    @Test func continueIsOnlyOwedWhereABodyIsAwaited() {
        #expect(!readRequest(post("Expect: 100-continue")).expectsContinue)
        #expect(!readRequest(post("Expect: 100-continue", "Content-Length: 0")).expectsContinue)
        #expect(readRequest(post("Expect: 100-continue", "Content-Length: 1")).expectsContinue)
        #expect(readRequest(post("Expect: 100-continue", "Transfer-Encoding: chunked")).expectsContinue)
        #expect(!readRequest("POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").expectsContinue)
    }

    @Test func framings() {
        #expect(readRequest(post()).framing == .none)
        #expect(readRequest(post("Content-Length: 0")).framing == .length(0))
        #expect(readRequest(post("Content-Length: 9223372036854775807")).framing == .length(.max))
        #expect(readRequest(post("Transfer-Encoding: Chunked")).framing == .chunked)
    }

    @Test func statusOfEachFault() {
        let others = HTTPFault.allCases.filter { $0.status != 400 }
        #expect(Dictionary(uniqueKeysWithValues: others.map { ($0, $0.status) }) == [
            .requestLineTooLong: 414, .connectRefused: 501, .traceRefused: 405, .version: 505, .fieldLineTooLong: 431,
            .fieldsTooLarge: 431, .tooManyFields: 431, .expectation: 417, .bodyTooLarge: 413,
        ])
        #expect(Set(HTTPFault.allCases.map(\.rawValue)).count == HTTPFault.allCases.count)
        #expect(Set(HTTPFault.allCases.map(\.explanation.description)).count == HTTPFault.allCases.count)
    }
}
