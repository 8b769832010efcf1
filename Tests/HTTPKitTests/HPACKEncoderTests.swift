import AllocationCounter
import Bytes
import HTTPKit
import Testing

/// What the encoder makes of requests that resemble each other.
@Suite struct HPACKEncoderTests {
    /// `content-length: 17`
    static let length = "0f0d023137"

    private static func encode(_ lines: [(String, String)], _ encoder: inout HPACKEncoder) -> String {
        var fields = FieldBlock(), out = GrowableBytes()
        for (name, value) in lines {
            let taken = wire(name).withUnsafeBufferPointer { name in
                wire(value).withUnsafeBufferPointer { fields.append(name: name, value: $0, lowercaseName: false) }
            }
            precondition(taken)
        }
        encoder.request(fields, into: &out)
        return out.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func whatWasSentBeforeIsAnIndex() {
        var encoder = HPACKEncoder()
        let lines = [("user-agent", "curl/8"), ("accept", "*/*"), ("x-a", "1"), ("x-b", "")]
        _ = Self.encode(lines, &encoder)
        // Newest first: x-b, x-a, accept, user-agent, :authority.
        let again = "8387c204022f6d" + "c1c0bfbe" + Self.length
        #expect(Self.encode(lines, &encoder) == again)
        // An older value of the same name is found too.
        _ = Self.encode([("user-agent", "wget/1")], &encoder)
        let older = "8387c304022f6d" + "c2c1c0bf" + Self.length
        #expect(Self.encode(lines, &encoder) == older)
    }

    @Test func staticNamesAreIndexed() {
        var encoder = HPACKEncoder()
        _ = Self.encode([], &encoder)
        let sent = Self.encode([("accept", "a"), ("te", "b"), ("set-cookie", "c")], &encoder)
        #expect(sent == "8387be04022f6d" + "530161" + "400274650162" + "770163" + Self.length)
    }

    @Test func secretsAreNeverIndexed() {
        var encoder = HPACKEncoder()
        let lines = [("authorization", "Basic x"), ("cookie", "short"), ("idempotency-key", "0123456789abc")]
        _ = Self.encode(lines, &encoder)
        for _ in 0..<3 {
            let sent = Self.encode(lines, &encoder)
            let key = "100f6964656d706f74656e63792d6b65790d30313233343536373839616263"
            let expected = "8387be04022f6d" + "1f080742617369632078" + "1f110573686f7274" + key + Self.length
            #expect(sent == expected)
        }
    }

    /// Entries of values that never repeat would drive out those that do.
    @Test func aNameWhoseValuesNeverRepeatIsGivenUp() {
        var encoder = HPACKEncoder()
        var entered = 0
        _ = Self.encode([], &encoder)
        for round in 0..<400 {
            let sent = Self.encode([("x-trace", "value \(round)")], &encoder)
            // A literal with incremental indexing, its name in whatever entry.
            if sent.dropFirst(14).first.map({ "4567".contains($0) }) == true { entered += 1 }
        }
        #expect(entered == 8 + (400 - 8) / 17)
        // Once it repeats for long enough, it is an index again.
        for _ in 0..<40 { _ = Self.encode([("x-trace", "the same")], &encoder) }
        #expect(Self.encode([("x-trace", "the same")], &encoder).count == 14 + 2 + Self.length.count)
    }

    @Test func sizesAreAnnouncedSmallestAndLast() {
        var encoder = HPACKEncoder()
        _ = Self.encode([], &encoder)
        encoder.peerTableSize(64)
        encoder.peerTableSize(1000)
        encoder.peerTableSize(200)
        #expect(Self.encode([], &encoder).hasPrefix("3f21" + "3fa901" + "8387"))
        encoder.peerTableSize(200)
        #expect(Self.encode([], &encoder).hasPrefix("8387"))
        // What we use never grows past 4096.
        encoder.peerTableSize(1 << 20)
        #expect(Self.encode([], &encoder).hasPrefix("3fe11f8387"))
        encoder.peerTableSize(0)
        let unentered = "20" + "8387" + "0109612e6578616d706c65" + "04022f6d" + "0003782d610131" + Self.length
        #expect(Self.encode([("x-a", "1")], &encoder) == unentered)
    }

    @Test(.enabled(if: allocation_counting_is_on())) func warmCodersAllocateNothing() throws {
        var encoder = HPACKEncoder(), provider = HPACKDecoder(), decoder = HPACKDecoder()
        var fields = FieldBlock(), out = GrowableBytes(capacity: 4096)
        for (name, value) in [("user-agent", "curl/8"), ("authorization", "Basic eHg6eXk="), ("x-trace", "0000"), ("accept", "*/*")] {
            _ = wire(name).withUnsafeBufferPointer { name in
                wire(value).withUnsafeBufferPointer { fields.append(name: name, value: $0, lowercaseName: false) }
            }
        }
        _ = try decoder.lines(bytes(hexadecimal: "400a637573746f6d2d6b65790d637573746f6d2d686561646572"))
        let answer = bytes(hexadecimal: "88be")
        var count = 0
        func exchange() throws(HPACKError) {
            out.reset()
            encoder.request(fields, into: &out)
            try provider.decode(out.bytes) { count += $0.value.count }
            try answer.withUnsafeBufferPointer { block throws(HPACKError) in try decoder.decode(block) { count += $0.value.count } }
        }
        for _ in 0..<200 { try exchange() }
        count = 0
        let before = allocation_count()
        for _ in 0..<1000 { try exchange() }
        #expect(allocation_count() - before == 0)
        // The values of the request, from :method to content-length, and of the answer.
        let sizes = [4, 5, 9, 2, 6, 14, 4, 3, 2, 3, 13]
        #expect(count == 1000 * sizes.reduce(0, +))
    }
}
