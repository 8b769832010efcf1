import Bytes

/// The nine octets in front of every frame (RFC 9113 section 4.1).
struct H2FrameHeader: Equatable {
    static let size = 9
    /// The longest payload we take and send: the protocol's default, which no peer may set lower.
    static let payloadLimit = 16_384

    static let ack: UInt8 = 0x01, endStream: UInt8 = 0x01, endHeaders: UInt8 = 0x04, padded: UInt8 = 0x08, priority: UInt8 = 0x20

    /// Octets of payload, padding included.
    var length: Int
    var type: UInt8
    var flags: UInt8 = 0
    /// 0 for the connection.
    var stream: Int32 = 0

    init(_ type: H2FrameType, length: Int, flags: UInt8 = 0, stream: Int32 = 0) {
        self.length = length
        self.type = type.rawValue
        self.flags = flags
        self.stream = stream
    }

    /// Reads the nine octets at `p`. The reserved bit is ignored.
    @inline(__always)
    init(reading p: UnsafePointer<UInt8>) {
        let word = UInt64(bigEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
        length = Int(truncatingIfNeeded: word >> 40)
        type = UInt8(truncatingIfNeeded: word >> 32)
        flags = UInt8(truncatingIfNeeded: word >> 24)
        stream = Int32(truncatingIfNeeded: (word << 8 | UInt64(p[8])) & 0x7fff_ffff)
    }

    @inline(__always)
    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// Writes the nine octets at `p`.
    @inline(__always)
    func write(to p: UnsafeMutablePointer<UInt8>) {
        let id = UInt32(truncatingIfNeeded: stream)
        let word = UInt64(truncatingIfNeeded: length) << 40 | UInt64(type) << 32 | UInt64(flags) << 24 | UInt64(id >> 8)
        UnsafeMutableRawPointer(p).storeBytes(of: word.bigEndian, as: UInt64.self)
        p[8] = UInt8(truncatingIfNeeded: id)
    }
}

extension GrowableBytes {
    /// Appends the nine octets of a frame header.
    @inline(__always)
    mutating func append(_ header: H2FrameHeader) {
        fill(room: H2FrameHeader.size) {
            header.write(to: $0.baseAddress.unsafelyUnwrapped)
            return H2FrameHeader.size
        }
    }

    /// Appends a number of four octets, as settings, windows and error codes are written.
    @inline(__always)
    mutating func append(bigEndian number: UInt32) {
        fill(room: 4) {
            UnsafeMutableRawPointer($0.baseAddress.unsafelyUnwrapped).storeBytes(of: number.bigEndian, as: UInt32.self)
            return 4
        }
    }
}

extension UnsafePointer<UInt8> {
    /// The number in the four octets here.
    @inline(__always)
    var bigEndian32: UInt32 { UInt32(bigEndian: UnsafeRawPointer(self).loadUnaligned(as: UInt32.self)) }
}
