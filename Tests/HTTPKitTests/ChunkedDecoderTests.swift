import HTTPKit
import Testing

/// What a whole chunked body decoded to.
private struct Decoded: Equatable {
    var payload: [UInt8] = []
    var consumed: Int?
    var fault: HTTPFault?
}

/// Decodes `bytes` in pieces of `size` bytes.
private func decode(_ bytes: [UInt8], pieces size: Int, limit: Int = .max) -> Decoded {
    var decoder = ChunkedDecoder(limit: limit)
    var result = Decoded()
    var at = 0
    while at < bytes.count {
        let piece = Array(bytes[at..<min(at + size, bytes.count)])
        var used = 0
        piece.withUnsafeBufferPointer { whole in
            scan: while true {
                switch decoder.decode(UnsafeBufferPointer(rebasing: whole[used...])) {
                case .payload(let range):
                    #expect(!range.isEmpty)
                    result.payload += whole[used + range.lowerBound..<used + range.upperBound]
                    used += range.upperBound
                case .needMore:
                    break scan
                case .done(let consumed):
                    result.consumed = at + used + consumed
                    break scan
                case .failed(let fault):
                    result.fault = fault
                    break scan
                }
            }
        }
        if result.consumed != nil || result.fault != nil { break }
        at += size
    }
    #expect(decoder.received == result.payload.count)
    return result
}

/// Decodes whole and in pieces of 1, 2, 3, 5 and 7 bytes; all must agree.
private func decode(_ text: String, limit: Int = .max) -> Decoded {
    let bytes = wire(text)
    let whole = decode(bytes, pieces: max(bytes.count, 1), limit: limit)
    for size in [1, 2, 3, 5, 7] where bytes.count < 10000 {
        let piecemeal = decode(bytes, pieces: size, limit: limit)
        #expect(piecemeal.fault == whole.fault && piecemeal.consumed == whole.consumed, "pieces of \(size)")
        if whole.fault == nil { #expect(piecemeal.payload == whole.payload) }
    }
    return whole
}

@Suite struct ChunkedDecoderTests {
    @Test func payloadIsYieldedInOrder() {
        let text = "5\r\nhello\r\n1;a\r\n \r\n00000006;a=b;c=\"d;\\\"\r e\"\r\n".replacing("\r e", with: " e") + "worlds\r\n0\r\n\r\nNEXT"
        let decoded = decode(text)
        #expect(decoded.payload == wire("hello worlds"))
        #expect(decoded.consumed == text.utf8.count - 4)
    }

    @Test func unfinishedBodiesAskForMore() {
        for text in ["", "5", "5\r", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r", "5\r\nhello\r\n0\r\n", "0\r\n\r", "0\r\nA: b\r\n"] {
            let decoded = decode(text)
            #expect(decoded.fault == nil && decoded.consumed == nil, "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        Rule("\r\n", .chunkSize), Rule(";a\r\n", .chunkSize), Rule("g\r\n", .chunkSize), Rule("+5\r\n", .chunkSize), Rule("-5\r\n", .chunkSize),
        Rule(" 5\r\n", .chunkSize), Rule("5 \r\n", .chunkSize), Rule("5\t\r\n", .chunkSize), Rule("0x5\r\n", .chunkSize), Rule("5,\r\n", .chunkSize),
        Rule("000000005\r\n", .chunkSize), Rule("123456789\r\n", .chunkSize), Rule("5\n", .bareLineFeed), Rule("5\r5", .bareCarriageReturn),
        Rule("5\0\r\n", .controlOctet), Rule("5;\r\n", .chunkExtension), Rule("5; a\r\n", .chunkExtension), Rule("5 ;a\r\n", .chunkSize),
        Rule("5;a \r\n", .chunkExtension), Rule("5;a=\r\n", .chunkExtension), Rule("5;=b\r\n", .chunkExtension), Rule("5;a=\"b\r\n", .bareCarriageReturn),
        Rule("5;a=\"b\"c\r\n", .chunkExtension), Rule("5;a=b=c\r\n", .chunkExtension), Rule("5;a\n", .bareLineFeed), Rule("5;a=\"\u{1}\"\r\n", .controlOctet),
        Rule("5;a=\"b\\\r\n", .chunkExtension), Rule("5;;a\r\n", .chunkExtension), Rule("5;a\r5", .bareCarriageReturn),
        Rule("2\r\nabc\r\n", .chunkEnd), Rule("2\r\nab\n", .chunkEnd), Rule("2\r\nab\rx", .chunkEnd), Rule("2\r\nab0\r\n", .chunkEnd),
        Rule("0\r\nA b: c\r\n\r\n", .trailer), Rule("0\r\nA : c\r\n\r\n", .trailer), Rule("0\r\n: c\r\n\r\n", .trailer), Rule("0\r\nA\r\n\r\n", .trailer),
        Rule("0\r\n A: c\r\n\r\n", .trailer), Rule("0\r\nA_B: c\r\n\r\n", .trailer), Rule("0\r\nA: c\n\r\n", .bareLineFeed), Rule("0\r\n\n", .bareLineFeed),
        Rule("0\r\nA: c\rd\r\n\r\n", .bareCarriageReturn), Rule("0\r\nA: \0\r\n\r\n", .controlOctet), Rule("0\r\n\rX", .bareCarriageReturn),
        Rule("0\r\n\r\n"), Rule("00000000\r\n\r\n"), Rule("0;a\r\n\r\n"), Rule("0\r\nA: b\r\nC:\r\n\r\n"), Rule("a;x=\"\t\u{e9}\"\r\n0123456789\r\n0\r\n\r\n"),
    ]) func rules(rule: Rule) { #expect(decode(rule.message).fault == rule.fault) }

    @Test(arguments: [-1, 0, 1]) func sizeLine(beyond: Int) {
        let line = "5;a=" + String(repeating: "b", count: 256 + beyond - 4)
        #expect(decode(line + "\r\nhello\r\n0\r\n\r\n").fault == (beyond > 0 ? .chunkLineTooLong : nil))
        let quoted = "5;a=\"" + String(repeating: "b", count: 256 + beyond - 6) + "\""
        #expect(decode(quoted + "\r\nhello\r\n0\r\n\r\n").fault == (beyond > 0 ? .chunkLineTooLong : nil))
    }

    @Test(arguments: [-1, 0, 1]) func trailers(beyond: Int) {
        let large = "a: " + String(repeating: "b", count: 4096 + beyond - 5) + "\r\n"
        #expect(decode("0\r\n" + large + "\r\n").fault == (beyond > 0 ? .trailerTooLarge : nil))
        let many = String(repeating: "a: b\r\n", count: 16 + beyond)
        #expect(decode("0\r\n" + many + "\r\n").fault == (beyond > 0 ? .trailerTooLarge : nil))
    }

    @Test(arguments: [-1, 0, 1]) func payloadLimit(beyond: Int) {
        let text = "8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n"
        let decoded = decode(text, limit: 16 - beyond)
        #expect(decoded.fault == (beyond > 0 ? .bodyTooLarge : nil))
    }

    @Test func largestSizeNeedsNoMemory() {
        #expect(decode("ffffffff\r\nab").payload == wire("ab"))
        #expect(decode("ffffffff\r\nab").fault == nil)
        #expect(decode("ffffffff\r\nab", limit: 0xffff_fffe).fault == .bodyTooLarge)
    }

    @Test func sizeLinesMayNotOutweighThePayload() {
        // Each chunk: 201 + 2 bytes of line, 18 of them free: 185 count. 88 chunks stay below 16384, the 89th goes beyond.
        let chunk = "1;" + String(repeating: "x", count: 199) + "\r\nA\r\n"
        #expect(decode(String(repeating: chunk, count: 88) + "0\r\n\r\n").fault == nil)
        #expect(decode(String(repeating: chunk, count: 89) + "0\r\n\r\n").fault == .chunkOverhead)
        #expect(decode(String(repeating: "1\r\nA\r\n", count: 20000) + "0\r\n\r\n").fault == nil)
    }
}
