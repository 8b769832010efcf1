import Glibc

/// Reads the lines of all segments in order, in bounded memory. At the end it may be asked again later.
final class LogReader {
    private let directory: String
    private var number: UInt64 = 0
    private var reader: SegmentReader?

    /// - Parameter segment: the first one to read, or the first that is there after it.
    init(directory: String, from segment: UInt64 = 1) {
        self.directory = directory
        number = segment - 1
    }

    /// Hands the next line to `body`.
    /// - Returns: `nil` when there is none for now.
    func next<Result>(
        _ body: (_ line: UnsafeRawBufferPointer, _ file: String, _ number: Int) -> Result
    ) throws(AuditFailure) -> Result? {
        while true {
            if reader == nil { try advance() }
            guard let reader else { return nil }
            if try reader.next() != .end { return body(reader.line, reader.name, reader.lineNumber) }
            // The next segment exists only once this one is finished, so a look at this one after that is the last.
            guard access("\(directory)/\(SegmentName.name(number + 1))", F_OK) == 0 else { return nil }
            if try reader.next() != .end { return body(reader.line, reader.name, reader.lineNumber) }
            self.reader = nil
        }
    }

    private func advance() throws(AuditFailure) {
        guard let next = try SegmentName.list(directory).first(where: { $0 > number }) else { return }
        reader = try SegmentReader(directory: directory, name: SegmentName.name(next))
        number = next
    }
}
