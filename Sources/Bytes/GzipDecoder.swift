internal import CZlib

/// Decodes one gzip member (RFC 1952) whole. Owns zlib's state and window (about 40 KiB) and keeps them between bodies.
@safe public struct GzipDecoder: ~Copyable {
    /// A body may decode to at most this many times its size...
    public static let greatestRatio = 100
    /// ...but always to this many bytes: deflate reaches 1000:1 on short repetitive bodies, and those harm nobody.
    public static let ratioFloor = 64 << 10

    /// zlib's state points back at this block, so it may not move.
    private let stream: UnsafeMutablePointer<z_stream>

    public init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 asks for the gzip wrapper alone: zlib and raw streams are refused.
        let code = inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { fatalError("zlib refused to start: \(code)") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Appends the decoded `body` to `out`.
    /// - Parameter limit: the most bytes to append.
    /// - Throws: the reason for refusing; `out` may then hold a decoded beginning, to be thrown away.
    /// - Complexity: O(body + decoded); both bounded. Checks the checksum and the length in the trailer.
    public mutating func decode(_ body: Span<UInt8>, limit: Int, into out: inout GrowableBytes) throws(GzipFault) {
        try body.withUnsafeBufferPointer { (body) throws(GzipFault) in try inflateAll(body, limit: limit, into: &out) }
    }

    private func inflateAll(
        _ body: UnsafeBufferPointer<UInt8>, limit: Int, into out: inout GrowableBytes
    ) throws(GzipFault) {
        guard inflateReset(stream) == Z_OK else { throw .corrupt }
        guard body.count <= Int(UInt32.max) else { throw .tooLong(limit: limit) }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: body.baseAddress)
        stream.pointee.avail_in = UInt32(body.count)
        defer { stream.pointee.next_in = nil }

        let most = max(Self.ratioFloor, body.count.multipliedReportingOverflow(by: Self.greatestRatio).partialValue)
        let allowed = min(max(limit, 0), most)
        var produced = 0
        while true {
            // One byte more than allowed, so that the byte too many is seen.
            let room = min(allowed - produced + 1, max(body.count * 4, 4096), 1 << 20)
            var code = Z_OK
            try out.fill(room: room) { (free) throws(GzipFault) in
                stream.pointee.next_out = free.baseAddress
                stream.pointee.avail_out = UInt32(room)
                code = inflate(stream, Z_NO_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            produced += room - Int(stream.pointee.avail_out)
            if produced > allowed {
                if allowed == most && most < limit { throw .ratio }
                throw .tooLong(limit: limit)
            }
            switch code {
            case Z_STREAM_END:
                let left = Int(stream.pointee.avail_in)
                guard left == 0 else { throw .trailingBytes(offset: body.count - left) }
                return
            case Z_OK where stream.pointee.avail_out == 0:
                continue
            case Z_OK, Z_BUF_ERROR:
                throw .truncated
            default:
                throw .corrupt
            }
        }
    }
}
