import Bytes
import Foundation
import TLSKit

/// Reads a bulk file, plain or gzip, and cuts it into chunks at the ends of rows. Memory: a few chunks.
struct ListSource: ~Copyable {
    static let chunkBytes = 1 << 19
    private static let gzipMagic: [UInt8] = [0x1f, 0x8b]

    let path: String
    private let chunkBytes: Int
    /// Of the file as it lies there.
    let size: Int64
    /// Bytes of the file read so far.
    private(set) var consumed: Int64 = 0
    /// Bytes decoded so far.
    private(set) var decoded: Int64 = 0
    private let handle: FileHandle
    private var digest: RunningDigest
    private var gzip: GzipStream
    private var isGzip = false
    /// Compressed bytes not yet decoded.
    private var coded: [UInt8] = []
    private var codedStart = 0
    private var buffer: [UInt8] = []
    private var ended = false
    private var isBehindOverlong = false
    private var line = 1
    private var chunks = 0
    private var scanner: ListRowScanner?

    private init(path: String, handle: FileHandle, size: Int64, chunkBytes: Int) {
        self.path = path
        self.chunkBytes = chunkBytes
        self.handle = handle
        self.size = size
        digest = RunningDigest()
        gzip = GzipStream()
    }

    /// Opens the file and reads its first bytes.
    /// - Parameter chunkBytes: about how long chunks are; small ones are for tests.
    static func open(_ path: String, chunkBytes: Int = Self.chunkBytes) throws(ListFailure) -> sending ListSource {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            throw .unreadable(path: path, cause: "there is no such file")
        }
        guard attributes[.type] as? FileAttributeType != .typeDirectory else { throw .unreadable(path: path, cause: "it is a directory") }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, cause: "it cannot be opened; may this user read it?")
        }
        var source = ListSource(path: path, handle: handle, size: (attributes[.size] as? NSNumber)?.int64Value ?? 0, chunkBytes: chunkBytes)
        try source.readHead()
        return source
    }

    private mutating func readHead() throws(ListFailure) {
        let first = try read()
        if first.starts(with: Self.gzipMagic) {
            isGzip = true
            coded = first
        } else {
            buffer = first
            decoded = Int64(first.count)
        }
        while buffer.count < max(chunkBytes, ListRowScanner.rowLimit), try refill() {}
        if buffer.starts(with: [0xff, 0xfe]) || buffer.starts(with: [0xfe, 0xff]) {
            throw .badHeader(path: path, cause: "the file is UTF-16; save it as UTF-8")
        }
        if buffer.starts(with: [0xef, 0xbb, 0xbf]) { buffer.removeFirst(3) }
        if buffer.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
            throw .badHeader(path: path, cause: "the file is a ZIP archive or a spreadsheet; unpack it, or save it as CSV")
        }
    }

    /// The beginning of the text, at least its first row if that is no longer than a row may be.
    var head: [UInt8] { buffer }

    /// Begins to cut, behind the first `skipping` lines.
    mutating func begin(_ scanner: ListRowScanner, skipping bytes: Int, lines: Int) {
        self.scanner = scanner
        buffer.removeFirst(min(bytes, buffer.count))
        line += lines
    }

    /// The next chunk, `nil` at the end.
    mutating func nextChunk() throws(ListFailure) -> ListChunk? {
        while true {
            while buffer.count < chunkBytes, try refill() {}
            if buffer.isEmpty { return nil }
            if isBehindOverlong {
                skipLine()
                continue
            }
            if ended && buffer.count < 2 * chunkBytes { return chunk(buffer.count, isOverlong: false) }
            let cut = cutting()
            if cut > 0 { return chunk(cut, isOverlong: false) }
            if buffer.count > ListRowScanner.rowLimit {
                isBehindOverlong = true
                return chunk(ListRowScanner.rowLimit, isOverlong: true)
            }
            if try !refill() { return chunk(buffer.count, isOverlong: false) }
        }
    }

    /// SHA-256 of the file as it lies there, once it was read to its end.
    func finish() -> [UInt8] { digest.finish() }

    /// Where the last whole row of the buffer ends; 0 when there is none.
    private func cutting() -> Int {
        guard var scanner else { return buffer.count }
        let bytes = buffer.span
        if !Self.contains(ListRowScanner.quote, bytes) {
            var i = bytes.count
            while i > 0, bytes[i - 1] != scanner.lineEnd { i -= 1 }
            return i
        }
        var start = 0
        while true {
            switch scanner.next(bytes, from: start, isLast: false) {
            case .row(let end, _): start = end
            case .broken(.unclosedQuote, let end):
                // A chunk of its own, at whose end the quote is still open.
                return start > 0 ? start : end
            case .broken(_, let end): start = end
            case .needsMore: return start
            }
        }
    }

    private mutating func chunk(_ count: Int, isOverlong: Bool) -> ListChunk {
        let rest = Array(buffer[count...])
        buffer.removeLast(buffer.count - count)
        let chunk = ListChunk(number: chunks, firstLine: line, bytes: buffer, isOverlong: isOverlong)
        buffer = rest
        chunks += 1
        if let scanner { line += Self.count(scanner.lineEnd, chunk.bytes.span) }
        return chunk
    }

    /// Drops the rest of a line that was too long.
    private mutating func skipLine() {
        guard let scanner, let end = buffer.firstIndex(of: scanner.lineEnd) else {
            buffer.removeAll(keepingCapacity: true)
            isBehindOverlong = !ended
            return
        }
        buffer.removeFirst(end + 1)
        line += 1
        isBehindOverlong = false
    }

    /// - Returns: `false` when there is no more.
    private mutating func refill() throws(ListFailure) -> Bool {
        guard !ended else { return false }
        guard isGzip else {
            let bytes = try read()
            buffer.append(contentsOf: bytes)
            decoded += Int64(bytes.count)
            ended = bytes.isEmpty
            return !ended
        }
        if codedStart == coded.count {
            coded = try read()
            codedStart = 0
            if coded.isEmpty {
                guard gzip.isComplete else { throw .truncated(path: path) }
                ended = true
                return false
            }
        }
        let piece = coded
        do {
            let (used, bytes) = try gzip.decode(piece.span.extracting(codedStart...), room: chunkBytes)
            codedStart += used
            buffer.append(contentsOf: bytes)
            decoded += Int64(bytes.count)
            if used == 0 && bytes.isEmpty { throw ListFailure.unreadable(path: path, cause: "its gzip data is damaged near byte \(consumed)") }
        } catch let failure as ListFailure {
            throw failure
        } catch {
            throw .unreadable(path: path, cause: "its gzip data is damaged near byte \(consumed); fetch it again")
        }
        return true
    }

    private mutating func read() throws(ListFailure) -> [UInt8] {
        do {
            let bytes = Array(try handle.read(upToCount: chunkBytes) ?? Data())
            digest.update(bytes.span)
            consumed += Int64(bytes.count)
            return bytes
        } catch {
            throw .unreadable(path: path, cause: "it cannot be read: \(error.localizedDescription)")
        }
    }

    private static func contains(_ wanted: UInt8, _ bytes: Span<UInt8>) -> Bool {
        var found: UInt8 = 0
        for i in bytes.indices { found |= bytes[i] == wanted ? 1 : 0 }
        return found != 0
    }

    private static func count(_ wanted: UInt8, _ bytes: Span<UInt8>) -> Int {
        var count = 0
        for i in bytes.indices { count &+= bytes[i] == wanted ? 1 : 0 }
        return count
    }

    /// SHA-256 of the file at `path`, in hex.
    static func digest(of path: String) throws(ListFailure) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw .unreadable(path: path, cause: "it cannot be opened") }
        var digest = RunningDigest()
        do {
            while let data = try handle.read(upToCount: chunkBytes), !data.isEmpty { digest.update(Array(data).span) }
        } catch {
            throw .unreadable(path: path, cause: "it cannot be read: \(error.localizedDescription)")
        }
        return hex(digest.finish())
    }

    static func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
