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
        return fread(&bytes, 1, count, stdin) == count ? bytes : nil
    }

    static func write(_ bytes: [UInt8]) -> Bool {
        let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) }
        return fwrite(head, 1, 4, stdout) == 4 && fwrite(bytes, 1, bytes.count, stdout) == bytes.count && fflush(stdout) == 0
    }
}
