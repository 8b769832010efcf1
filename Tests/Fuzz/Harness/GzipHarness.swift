import Bytes

/// A gzip body: the limits hold, and nothing is accepted that is short or too long by a byte.
enum GzipHarness {
    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        var decoder = GzipDecoder()
        var out = GrowableBytes(), again = GrowableBytes()
        let limit = 200_000
        guard decode(&decoder, input.span, limit, &out) == nil else {
            try require(out.count <= max(limit, GzipDecoder.ratioFloor) + 1, "\(out.count) bytes in spite of the limit")
            return
        }
        try require(out.count <= limit, "\(out.count) bytes")
        try require(decode(&decoder, input.span, out.count, &again) == nil, "not accepted a second time")
        try require(out.bytes.elementsEqual(again.bytes), "a warm decoder decodes otherwise")
        var rest = GrowableBytes()
        let short = input.span.extracting(0..<input.count - 1)
        try require(decode(&decoder, short, limit, &rest) == .truncated, "accepted without its last byte")
        if out.count > 0 { try require(decode(&decoder, input.span, out.count - 1, &rest) == .tooLong(limit: out.count - 1), "past the limit") }
    }

    private static func decode(
        _ decoder: inout GzipDecoder, _ body: Span<UInt8>, _ limit: Int, _ out: inout GrowableBytes
    ) -> GzipFault? {
        out.truncate(to: 0)
        do throws(GzipFault) { try decoder.decode(body, limit: limit, into: &out) } catch { return error }
        return nil
    }
}
