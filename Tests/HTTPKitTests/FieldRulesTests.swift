import Bytes
@testable import HTTPKit
import Testing

private typealias Pairs = [(String, String)]
private let start: Pairs = [(":method", "POST"), (":scheme", "https"), (":path", "/m"), (":authority", "a.example")]

private func enter(_ fields: Pairs, into head: inout RequestHead) -> HTTPFault? {
    head.reset()
    for (name, value) in fields {
        let fault = wire(name).withUnsafeBufferPointer { name in
            wire(value).withUnsafeBufferPointer { FieldRules.append(name: name, value: $0, to: &head) }
        }
        if let fault { return fault }
    }
    return FieldRules.finish(&head)
}

private func fault(_ fields: Pairs) -> HTTPFault? {
    var head = RequestHead()
    return enter(fields, into: &head)
}

private func responseFault(_ fields: Pairs, _ method: HTTPMethod = .post) -> (HTTPFault?, BodyFraming, Int) {
    var head = ResponseHead()
    for (name, value) in fields {
        let fault = wire(name).withUnsafeBufferPointer { name in
            wire(value).withUnsafeBufferPointer {
                FieldRules.append(HPACKField(name: name, value: $0, token: HeaderToken(lowercased: name), isSound: false), to: &head)
            }
        }
        if let fault { return (fault, .none, head.status) }
    }
    let fault = FieldRules.finish(&head, answering: method)
    return (fault, head.framing, head.status)
}

@Suite struct FieldRulesTests {
    @Test(arguments: [
        ("a", "b", nil), ("a", "", nil), ("a", "b\tc \u{e9}", nil), ("te", "trailers", nil), ("te", "Trailers", nil), ("host", "A.example:443", nil),
        ("content-length", "5", nil), ("expect", "100-continue", nil), ("http2-settings", "x", nil),
        ("", "b", .fieldName), ("A", "b", .fieldNameUppercase), ("content-Type", "b", .fieldNameUppercase), ("a b", "c", .fieldName), ("a:", "c", .fieldName),
        ("a\r\nb", "c", .fieldName), ("a\0", "c", .fieldName), ("a_b", "c", .fieldNameUnderscore), ("a\u{e9}", "c", .fieldName),
        ("a", " b", .fieldValueBlanks), ("a", "b\t", .fieldValueBlanks), ("a", " ", .fieldValueBlanks), ("a", "b\r\nx: y", .bareCarriageReturn),
        ("a", "b\nc", .bareLineFeed), ("a", "b\0c", .controlOctet), ("a", "b\u{7f}", .controlOctet),
        ("connection", "close", .connectionSpecificField), ("proxy-connection", "x", .connectionSpecificField), ("keep-alive", "1", .connectionSpecificField),
        ("transfer-encoding", "chunked", .connectionSpecificField), ("upgrade", "h2c", .connectionSpecificField), ("te", "gzip", .connectionSpecificField),
        ("te", "trailers, gzip", .connectionSpecificField), ("host", "b.example", .hostMismatch), ("host", "a.example:80", .hostMismatch), ("host", "", .hostMismatch),
        ("content-length", "+5", .contentLength), ("content-length", "5,5", .contentLength), ("content-length", "", .contentLength), ("expect", "x", .expectation),
        (":path", "/x", .pseudoField), (":protocol", "websocket", .pseudoField), (":status", "200", .pseudoField), (":", "x", .pseudoField), (":Path", "/x", .pseudoField),
    ] as [(String, String, HTTPFault?)]) func oneFieldMore(name: String, value: String, expected: HTTPFault?) {
        #expect(fault(start + [(name, value)]) == expected)
    }

    @Test func repeatsAreRefused() {
        for (name, expected) in [("host", HTTPFault.hostRepeated), ("content-length", .contentLengthRepeated), ("expect", .expectation), ("te", .connectionSpecificField)] {
            let value = ["host": "a.example", "content-length": "5", "expect": "100-continue", "te": "trailers"][name] ?? ""
            #expect(fault(start + [(name, value)]) == nil)
            #expect(fault(start + [(name, value), (name, value)]) == expected)
        }
    }

    @Test func eachPseudoFieldIsNeededOnceAndFirst() {
        for i in start.indices {
            var without = start
            let one = without.remove(at: i)
            #expect(fault(without) == (one.0 == ":authority" ? .hostMissing : .pseudoFieldMissing))
            #expect(fault(without + [("a", "b"), one]) == .pseudoFieldOrder)
            #expect(fault(without + [one, ("a", "b")]) == nil)
            #expect(fault(start + [one]) == .pseudoField)
        }
        #expect(fault([]) == .pseudoFieldMissing)
        #expect(fault([(":method", "POST"), (":path", "/m"), ("host", "a.example")]) == .pseudoFieldMissing)
    }

    @Test(arguments: [
        (":method", "", HTTPFault.method), (":method", "G ET", .method), (":method", "CONNECT", .connectRefused), (":method", "TRACE", .traceRefused),
        (":scheme", "http", .scheme), (":scheme", "HTTPS", .scheme), (":scheme", "", .scheme),
        (":path", "", .target), (":path", "*", .target), (":path", "m", .target), (":path", "https://a.example/", .target), (":path", "/a b", .targetOctet),
        (":path", "/a\r\nb", .targetOctet), (":path", "/a\0", .targetOctet), (":path", "/a\u{e9}", .targetOctet), (":path", "/a#b", .targetFragment),
        (":authority", "", .hostInvalid), (":authority", "u@a.example", .hostInvalid), (":authority", "a.example/", .hostInvalid), (":authority", "a b", .hostInvalid),
        (":path", "/" + String(repeating: "a", count: 8192), .requestLineTooLong),
    ]) func pseudoFieldValues(name: String, value: String, expected: HTTPFault) {
        #expect(fault(start.map { $0.0 == name ? (name, value) : $0 }) == expected)
    }

    @Test func hostStandsInForAnAbsentAuthority() {
        let bare = Pairs(start.dropLast())
        var head = RequestHead()
        #expect(enter(bare + [("a", "b"), ("host", "B.example:8443")], into: &head) == nil)
        #expect(text(head.fields.bytes(head.authority)) == "B.example:8443")
        #expect(fault(bare + [("host", "a.example"), ("host", "a.example")]) == .hostRepeated)
        for value in ["", "u@a.example", "a.example/", "a b", "a.example,b.example", "a.example:"] {
            #expect(fault(bare + [("host", value)]) == .hostInvalid)
            #expect(fault(start + [("host", value)]) == .hostMismatch)
        }
        #expect(fault(start + [("host", "b.example")]) == .hostMismatch)
        #expect(fault(start + [("host", "A.example:443")]) == nil)
        // An empty :authority is not an absent one.
        #expect(fault(bare + [(":authority", ""), ("host", "a.example")]) == .hostInvalid)
    }

    @Test func whatAHeadSays() {
        var head = RequestHead()
        #expect(enter(start + [("content-length", "7"), ("expect", "100-continue"), ("cookie", "a"), ("cookie", "b")], into: &head) == nil)
        #expect(head.version == .http2 && head.method == .post && head.scheme == .https && head.framing == .length(7) && head.expectsContinue)
        #expect(text(head.fields.bytes(head.path)) == "/m" && text(head.fields.bytes(head.authority)) == "a.example")
        #expect(head.fields.count == 4)
        #expect(enter(start, into: &head) == nil)
        #expect(head.framing == .untilEnd && !head.expectsContinue && head.fields.count == 0)
    }

    @Test func tablesHaveAnEnd() {
        #expect(fault(start + Array(repeating: ("a", "b"), count: 200)) == nil)
        #expect(fault(start + Array(repeating: ("a", "b"), count: 201)) == .tooManyFields)
        #expect(fault(start + [("a", String(repeating: "b", count: 98304))]) == .fieldsTooLarge)
    }

    @Test func responses() {
        #expect(responseFault([(":status", "200"), ("x_y", "1")]) == (nil, .untilEnd, 200))
        #expect(responseFault([(":status", "200"), ("content-length", "3")]) == (nil, .length(3), 200))
        #expect(responseFault([(":status", "204")]) == (nil, .none, 204))
        #expect(responseFault([(":status", "204"), ("content-length", "0")]) == (nil, .none, 204))
        #expect(responseFault([(":status", "204"), ("content-length", "2")]).0 == .contentLength)
        #expect(responseFault([(":status", "200"), ("content-length", "3")], .head) == (nil, .none, 200))
        #expect(responseFault([(":status", "103")]) == (nil, .none, 103))
        for (fields, expected) in [
            ([], .pseudoFieldMissing), ([(":status", "20")], .statusLine), ([(":status", "2000")], .statusLine), ([(":status", "099")], .statusLine),
            ([(":status", "600")], .statusLine), ([(":status", "101")], .switchingProtocols), ([(":status", "200"), (":status", "200")], .pseudoField),
            ([("a", "b"), (":status", "200")], .pseudoFieldOrder), ([(":status", "200"), (":path", "/")], .pseudoField),
            ([(":status", "200"), ("connection", "close")], .connectionSpecificField), ([(":status", "200"), ("te", "trailers")], .connectionSpecificField),
            ([(":status", "200"), ("content-length", "x")], .contentLength), ([(":status", "200"), ("A", "x")], .fieldNameUppercase),
            ([(":status", "200"), ("a", "x\r\ny")], .bareCarriageReturn),
        ] as [(Pairs, HTTPFault)] {
            #expect(responseFault(fields).0 == expected, "\(fields)")
        }
    }

    @Test func trailers() {
        func check(_ name: String, _ value: String) -> HTTPFault? {
            wire(name).withUnsafeBufferPointer { name in wire(value).withUnsafeBufferPointer { FieldRules.checkTrailer(name: name, value: $0) } }
        }
        #expect(check("a", "b") == nil && check(":path", "/") == .pseudoField && check("A", "b") == .fieldNameUppercase && check("a", "b\n") == .bareLineFeed)
    }
}
