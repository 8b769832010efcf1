import Glibc

/// Messages with a length in front, on standard input and output.
enum Frames {
    static let limit = 64 << 20

    /// - Returns: `nil` at the end of the input.
    static func read() -> [UInt8]? {
        guard let head = read(4) else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        return count <= limit ? read(count) : nil
    }

    private static func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var at = 0
        while at < count {
            let read = bytes.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress?.advanced(by: at), count - at) }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return nil }
            at += read
        }
        return bytes
    }

    static func write(_ bytes: [UInt8]) -> Bool {
        let message = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
        var at = 0
        while at < message.count {
            let written = message.withUnsafeBytes { Glibc.write(1, $0.baseAddress?.advanced(by: at), message.count - at) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            at += written
        }
        return true
    }
}
