import AllocationCounter
import Bytes
import CZlib
import Testing

@Suite struct GzipDecoderTests {
    /// One gzip member made by zlib. `wrapper` 16 is gzip, 0 zlib's own, -32 raw deflate.
    func gzip(_ bytes: [UInt8], level: Int32 = 6, wrapper: Int32 = 16) -> [UInt8] {
        var stream = z_stream()
        let bits = wrapper < 0 ? -15 : 15 + wrapper
        precondition(deflateInit2_(&stream, level, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { deflateEnd(&stream) }
        var out = Array(repeating: UInt8(0), count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
        var input = bytes
        let count = input.withUnsafeMutableBufferPointer { source in
            out.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
                return target.count - Int(stream.avail_out)
            }
        }
        return Array(out[..<count])
    }

    func decode(_ body: [UInt8], limit: Int = 1 << 20) -> Result<[UInt8], GzipFault> {
        var decoder = GzipDecoder()
        var out = GrowableBytes()
        do throws(GzipFault) {
            try decoder.decode(body.span, limit: limit, into: &out)
            return .success(Array(out.bytes))
        } catch { return .failure(error) }
    }

    /// Bytes that deflate hardly shrinks.
    func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    @Test(arguments: [0, 1, 9] as [Int32], [0, 1, 2, 1000, 65_536, 300_000]) func thereAndBack(_ level: Int32, _ count: Int) {
        let plain = noise(count)
        #expect(decode(gzip(plain, level: level)) == .success(plain))
    }

    @Test func keepsWhatIsThereAndServesAgain() throws {
        var decoder = GzipDecoder()
        var out = GrowableBytes()
        out.append("x")
        try decoder.decode(gzip(Array("abc".utf8)).span, limit: 10, into: &out)
        #expect(throws: GzipFault.corrupt) { try decoder.decode([1, 2, 3].span, limit: 10, into: &out) }
        try decoder.decode(gzip(Array("def".utf8)).span, limit: 10, into: &out)
        #expect(Array(out.bytes) == Array("xabcdef".utf8))
    }

    @Test func everyOptionalHeaderField() {
        let plain = gzip(Array("hello".utf8))
        // FLG: FTEXT 1, FHCRC 2, FEXTRA 4, FNAME 8, FCOMMENT 16.
        func with(_ flags: UInt8, _ fields: [UInt8]) -> [UInt8] { Array(plain[..<3]) + [flags] + plain[4..<10] + fields + plain[10...] }
        #expect(decode(with(1, [])) == .success(Array("hello".utf8)))
        #expect(decode(with(4, [3, 0, 1, 2, 3])) == .success(Array("hello".utf8)))
        #expect(decode(with(8, Array("file.json".utf8) + [0])) == .success(Array("hello".utf8)))
        #expect(decode(with(16, Array("a comment".utf8) + [0])) == .success(Array("hello".utf8)))
        #expect(decode(with(28, [0, 0] + Array("n".utf8) + [0] + [0])) == .success(Array("hello".utf8)))
        #expect(decode(with(2, [0, 0])) == .failure(.corrupt))
        #expect(decode(with(0x20, [])) == .failure(.corrupt))
        #expect(decode(with(0x80, [])) == .failure(.corrupt))
        #expect(decode(with(8, Array(repeating: 0x61, count: 100))).isFailure)
    }

    @Test func otherWrappers() {
        let text = Array("hello hello hello".utf8)
        #expect(decode(gzip(text, wrapper: 0)) == .failure(.corrupt))
        #expect(decode(gzip(text, wrapper: -32)).isFailure)
        #expect(decode(Array("{\"to\":1}".utf8)) == .failure(.corrupt))
        #expect(decode([]) == .failure(.truncated))
    }

    @Test func everyTruncation() {
        let body = gzip(noise(500))
        for count in 0..<body.count { #expect(decode(Array(body[..<count])) == .failure(.truncated), "\(count) bytes") }
    }

    @Test func whatFollowsTheMember() {
        let body = gzip(Array("hello".utf8))
        #expect(decode(body + [0]) == .failure(.trailingBytes(offset: body.count)))
        #expect(decode(body + body) == .failure(.trailingBytes(offset: body.count)))
        #expect(decode(body + Array(repeating: 0, count: 100_000)) == .failure(.trailingBytes(offset: body.count)))
    }

    @Test func everyBitOfTheTrailerCounts() {
        let body = gzip(noise(300))
        for bit in 0..<64 {
            var bad = body
            bad[body.count - 8 + bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(decode(bad) == .failure(.corrupt), "trailer bit \(bit)")
        }
    }

    @Test func lengthLimit() {
        let plain = noise(5000)
        let body = gzip(plain)
        #expect(decode(body, limit: 5000) == .success(plain))
        #expect(decode(body, limit: 4999) == .failure(.tooLong(limit: 4999)))
        #expect(decode(body, limit: 0) == .failure(.tooLong(limit: 0)))
        #expect(decode(gzip([]), limit: 0) == .success([]))
    }

    @Test func ratio() {
        // Small bodies may shrink as well as they like.
        let small = Array(repeating: UInt8(ascii: "a"), count: GzipDecoder.ratioFloor)
        #expect(gzip(small).count < small.count / 100)
        #expect(decode(gzip(small)) == .success(small))
        #expect(decode(gzip(small + [UInt8(ascii: "a")])) == .failure(.ratio))
        #expect(decode(gzip(Array(repeating: 0, count: 10 << 20)), limit: 32 << 20) == .failure(.ratio))
    }

    /// Exactly 100:1 passes, one byte more does not.
    @Test func ratioToTheByte() {
        func plain(_ zeros: Int) -> [UInt8] { noise(2000) + Array(repeating: 0, count: zeros) }
        // The coded size hardly depends on the number of zeros, so this settles at once.
        var zeros = 200_000
        for _ in 0..<10 { zeros = gzip(plain(zeros)).count * 100 - 2000 }
        let at = gzip(plain(zeros))
        let over = gzip(plain(zeros + 1))
        #expect(at.count * 100 == zeros + 2000)
        #expect(over.count == at.count)
        #expect(decode(at) == .success(plain(zeros)))
        #expect(decode(over) == .failure(.ratio))
    }

    @Test(.enabled(if: allocation_counting_is_on())) func aWarmDecoderAllocatesNothing() {
        let body = gzip(noise(100_000))
        var decoder = GzipDecoder()
        var out = GrowableBytes()
        var before: UInt64 = 0
        for round in 0..<10 {
            if round == 2 { before = allocation_count() }
            try? decoder.decode(body.span, limit: 1 << 20, into: &out)
            out.truncate(to: 0)
        }
        #expect(allocation_count() == before)
    }

    @Test func flippedBitsNeverPassForAnotherBody() {
        let plain = noise(200) + Array("some text some text some text".utf8)
        let body = gzip(plain)
        for bit in 80..<body.count * 8 {
            var bad = body
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            if case .success(let read) = decode(bad) { #expect(read == plain, "bit \(bit)") }
        }
    }
}

extension Result {
    var isFailure: Bool { if case .failure = self { true } else { false } }
}
