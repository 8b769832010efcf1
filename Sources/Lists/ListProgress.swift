/// How far a load is.
public struct ListProgress: Sendable, Equatable {
    public enum Phase: String, Sendable { case comparing, reading, sorting, indexing, done }

    public internal(set) var phase = Phase.reading
    /// Bytes of the file, as it lies there, that were read.
    public internal(set) var bytes: Int64 = 0
    public internal(set) var totalBytes: Int64 = 0
    /// Rows read, the header not counted.
    public internal(set) var rows = 0
    public internal(set) var rejected = 0
    /// Keys made, repetitions included.
    public internal(set) var keys = 0
    public internal(set) var seconds = 0.0

    public var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
    /// Of the reading; `nil` before anything can be said.
    public var secondsLeft: Double? {
        bytes > 0 && totalBytes >= bytes && seconds > 0.5 ? seconds * Double(totalBytes - bytes) / Double(bytes) : nil
    }
}

/// A row that was not taken, or of which an identifier was not. ``text`` holds personal data.
public struct RejectedListRow: Sendable, Equatable {
    /// Of the row's first line, counted from 1.
    public let line: Int
    public let cause: String
    /// The row as it stood in the file, up to 1,000 bytes of it.
    public let text: String
}
