internal import CZlib

/// Decodes gzip piece by piece, for files of any length: several members one after the other are one stream, as gzip(1) reads
/// them. Owns zlib's state and window (about 40 KiB).
///
/// There is no limit on the ratio here: the caller bounds what it asks for. For bodies from strangers use ``GzipDecoder``.
@safe public struct GzipStream: ~Copyable {
    /// zlib's state points back at this block, so it may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = true

    public init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code = inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { fatalError("zlib refused to start: \(code)") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Whether the input so far ends where a member does: at the end of the file anything else is a file cut short.
    public var isComplete: Bool { isBetweenMembers }

    /// Decodes from the beginning of `input` until it is used up or there are `room` bytes.
    /// - Returns: how many bytes of the input were used, and what they decode to.
    /// - Throws: ``GzipFault/corrupt``, also for anything behind a member that is no member.
    public mutating func decode(_ input: Span<UInt8>, room: Int) throws(GzipFault) -> (used: Int, bytes: [UInt8]) {
        var used = 0, isSound = true
        let bytes = input.withUnsafeBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: min(room, Int(Int32.max))) { free, count in
                (used, count, isSound) = inflateSome(input, into: free)
            }
        }
        guard isSound else { throw .corrupt }
        return (used, bytes)
    }

    private mutating func inflateSome(
        _ input: UnsafeBufferPointer<UInt8>, into free: UnsafeMutableBufferPointer<UInt8>
    ) -> (used: Int, made: Int, isSound: Bool) {
        let count = min(input.count, Int(Int32.max))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(count)
        stream.pointee.next_out = free.baseAddress
        stream.pointee.avail_out = UInt32(free.count)
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        var code = Z_OK
        while code == Z_OK && (stream.pointee.avail_in > 0 || !isBetweenMembers) && stream.pointee.avail_out > 0 {
            if isBetweenMembers {
                code = inflateReset(stream)
                isBetweenMembers = false
                continue
            }
            code = inflate(stream, Z_NO_FLUSH)
            if code == Z_STREAM_END {
                isBetweenMembers = true
                code = Z_OK
            }
        }
        // Nothing left to read is no fault here; that the file ends in the middle shows in ``isComplete``.
        return (count - Int(stream.pointee.avail_in), free.count - Int(stream.pointee.avail_out), code == Z_OK || code == Z_BUF_ERROR)
    }
}
