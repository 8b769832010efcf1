/// One HTTP/2 frame, made by hand or read from what a session wrote.
struct H2Frame: Equatable, CustomStringConvertible {
    static let data: UInt8 = 0, headers: UInt8 = 1, priority: UInt8 = 2, rstStream: UInt8 = 3, settings: UInt8 = 4, pushPromise: UInt8 = 5
    static let ping: UInt8 = 6, goaway: UInt8 = 7, windowUpdate: UInt8 = 8, continuation: UInt8 = 9
    static let endStream: UInt8 = 1, ack: UInt8 = 1, endHeaders: UInt8 = 4, padded: UInt8 = 8, hasPriority: UInt8 = 32

    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    init(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    var bytes: [UInt8] { [UInt8(payload.count >> 16 & 0xff)] + [UInt8(payload.count >> 8 & 0xff), UInt8(payload.count & 0xff), type, flags] + four(stream) + payload }
    var description: String { "(\(type) \(flags) \(stream) \(payload.count < 20 ? "\(payload)" : "\(payload.count) octets"))" }

    /// Frames of a byte stream that ends where a frame ends.
    static func all(in bytes: some Collection<UInt8>) -> [H2Frame] {
        let bytes = Array(bytes)
        var frames: [H2Frame] = []
        var at = 0
        while at + 9 <= bytes.count {
            let length = Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
            let stream = bytes[at + 5..<at + 9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(H2Frame(bytes[at + 3], flags: bytes[at + 4], stream: stream, Array(bytes[at + 9..<at + 9 + length])))
            at += 9 + length
        }
        return frames
    }

    /// The error code of RST_STREAM or GOAWAY.
    var code: UInt32? {
        switch type {
        case Self.rstStream: number(0)
        case Self.goaway: number(4)
        default: nil
        }
    }

    func number(_ at: Int) -> UInt32 { payload[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }

    static func setting(_ pairs: (UInt16, UInt32)...) -> H2Frame {
        H2Frame(settings, pairs.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xff)] + four($0.1) })
    }

    static func window(_ stream: UInt32, _ increment: UInt32) -> H2Frame { H2Frame(windowUpdate, stream: stream, four(increment)) }

    /// HEADERS whose fields are literals, so that no table is touched.
    static func head(_ stream: UInt32, _ fields: [(String, String)], ends: Bool = false, complete: Bool = true) -> H2Frame {
        H2Frame(headers, flags: (ends ? endStream : 0) | (complete ? endHeaders : 0), stream: stream, literals(fields))
    }

    static func literals(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + string(name) + string(value) }
    }

    private static func string(_ text: String) -> [UInt8] {
        let bytes = wire(text)
        if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var length: [UInt8] = [127]
        while rest >= 128 {
            length.append(UInt8(rest % 128 + 128))
            rest /= 128
        }
        return length + [UInt8(rest)] + bytes
    }

    static func body(_ stream: UInt32, _ text: String, ends: Bool = false) -> H2Frame { H2Frame(data, flags: ends ? endStream : 0, stream: stream, wire(text)) }
}

func four(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
