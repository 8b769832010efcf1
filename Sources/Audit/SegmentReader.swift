import Glibc

/// Reads one segment line by line in bounded memory. At the end of the file it may be asked again later: a log that is
/// being written grows.
@safe final class SegmentReader {
    /// Bytes a line may have, its newline included.
    static let lineLimit = 65_536
    private static let bufferSize = 256 << 10

    let name: String
    let path: String
    private let file: Int32
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: bufferSize, alignment: 8)
    private var start = 0
    private var end = 0
    /// Where the next line starts in the file, and its number counted from 1.
    private(set) var offset = 0
    private(set) var number = 1
    /// The line that ``next()`` found, without its newline.
    private var lineStart = 0
    private var lineLength = 0
    private(set) var lineOffset = 0
    private(set) var lineNumber = 0

    enum Step: Equatable {
        case line
        /// 64 KiB without a newline; ``SegmentReader/line`` holds them, and reading goes on behind them.
        case overlong
        /// No further newline for now; ``SegmentReader/remainder`` bytes are left.
        case end
    }

    init(directory: String, name: String) throws(AuditFailure) {
        self.name = name
        path = "\(directory)/\(name)"
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(.open, path: path, errno: errno) }
    }

    deinit {
        close(file)
        buffer.deallocate()
    }

    /// The bytes of the last line, without the newline. Valid until the next call of ``next()``.
    var line: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer + lineStart, count: lineLength) }

    /// Bytes after the last newline.
    var remainder: Int { end - start }

    /// Those bytes.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer + start, count: end - start) }

    /// The problem that ``Step/overlong`` is.
    var overlong: AuditProblem {
        AuditProblem(cause: .malformed("the line is longer than 64 KiB"), file: name, line: lineNumber, byte: lineOffset)
    }

    func next() throws(AuditFailure) -> Step {
        var searched = 0
        while true {
            if let newline = memchr(buffer + start + searched, 0x0a, end - start - searched) {
                let length = UnsafeRawPointer(newline) - UnsafeRawPointer(buffer + start)
                if length < Self.lineLimit {
                    take(length, with: 1)
                    return .line
                }
            }
            searched = end - start
            if searched >= Self.lineLimit {
                take(Self.lineLimit, with: 0)
                return .overlong
            }
            if try fill() == 0 { return .end }
        }
    }

    private func take(_ length: Int, with newline: Int) {
        lineStart = start
        lineLength = length
        lineOffset = offset
        lineNumber = number
        start += length + newline
        offset += length + newline
        number += newline
    }

    /// Reads more behind what is there. Moves a line that was found before to the front, so ``line`` is gone.
    private func fill() throws(AuditFailure) -> Int {
        if start > 0 {
            memmove(buffer, buffer + start, end - start)
            end -= start
            start = 0
        }
        lineLength = 0
        let count = read(file, buffer + end, Self.bufferSize - end)
        guard count >= 0 else { throw .system(.read, path: path, errno: errno) }
        end += count
        return count
    }
}
