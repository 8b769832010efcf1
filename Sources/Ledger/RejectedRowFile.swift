import Foundation

/// Where an import leaves the rows it did not take: a CSV file of line, cause and row, mode 0600 because the rows name people.
public final class RejectedRowFile {
    private let handle: FileHandle

    /// Makes the file at `path`, emptying one that is there.
    public init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
        self.handle = handle
        try handle.write(contentsOf: Data(CSVText.record(["line", "cause", "row"]).utf8))
    }

    public func write(_ row: RejectedRow) throws {
        try handle.write(contentsOf: Data(CSVText.record([String(row.line), row.cause, row.text]).utf8))
    }
}
