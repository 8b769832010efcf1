public import Recipients

/// How a file of opt-outs is read.
public struct ImportOptions: Sendable {
    /// What the evidence calls the file: its name, or the system it came from, where a row names none.
    public var source: String
    /// Where a row names no channel. By default it stops them all.
    public var defaultChannels: ChannelSet = .all
    public var defaultReason: String?
    public var defaultScope: PreferenceScope = .everything
    /// Whether columns with unknown names are passed over. By default they stop the import before its first row: a misspelt
    /// `chanels` would else change what every row means.
    public var ignoresUnknownColumns = false
    /// Who imports.
    public var actor: EventActor
    /// Reads and checks everything, and records nothing.
    public var isDryRun = false
    /// `nil` to tell by the first byte: `{` begins NDJSON.
    public var format: ImportFormat?
    public var limits = Limits()

    /// Where an import stops. What was recorded until then stays; the same file can be imported again.
    public struct Limits: Sendable {
        public var bytes: Int64 = 16 << 30
        public var rows = 200_000_000
        public var rejectedRows = 100_000
        public var seconds = 24 * 3600
        public init() {}
    }

    public init(source: String, actor: EventActor) {
        self.source = source
        self.actor = actor
    }
}

/// How a file of opt-outs is written. Both hold the same fields under the same names; exports of both are taken back.
public enum ImportFormat: String, CaseIterable, Sendable {
    /// The first line names the columns.
    case csv
    /// One JSON object a line. Values are strings, whole numbers, lists of strings (channels) or null.
    case ndjson
}

/// A row that was not imported. ``text`` holds personal data.
public struct RejectedRow: Equatable, Sendable {
    /// Of the row's first line, counted from 1, the header being line 1.
    public let line: Int
    public let cause: String
    /// The row as it stood in the file.
    public let text: String
}

/// How far an import is.
public struct ImportProgress: Equatable, Sendable {
    public internal(set) var bytes: Int64 = 0
    /// Rows read, the header not counted.
    public internal(set) var rows = 0
    /// Events recorded, or in a dry run that would be.
    public internal(set) var added = 0
    /// Rows whose events were in the ledger already, or earlier in the file.
    public internal(set) var known = 0
    public internal(set) var rejected = 0
}

/// Why an import stopped before the end of its file.
public enum ImportFailure: Error, Equatable, Sendable {
    case empty
    case notUTF8
    case noIdentifierColumn
    case unknownColumns([String])
    case repeatedColumn(String)
    case badHeader(String)
    case tooManyBytes(limit: Int64)
    case tooManyRows(limit: Int)
    case tooManyRejected(limit: Int, line: Int)
    case tooSlow(seconds: Int)
}

extension ImportFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the file is empty; give CSV whose first line names the columns, or NDJSON"
        case .notUTF8: "the file is UTF-16; save it as UTF-8"
        case .noIdentifierColumn: "line 1 names no column `identifier`, `phone` or `email`"
        case .unknownColumns(let names):
            "line 1 has columns of unknown names: \(names.joined(separator: ", ")); rename or remove them, or have them ignored. Known: "
                + ImportColumn.allCases.map(\.rawValue).joined(separator: ", ")
        case .repeatedColumn(let name): "line 1 names column `\(name)` twice"
        case .badHeader(let cause): "line 1: \(cause)"
        case .tooManyBytes(let limit): "the file is larger than \(limit) bytes"
        case .tooManyRows(let limit): "the file has more than \(limit) rows; what was read is recorded"
        case .tooManyRejected(let limit, let line): "more than \(limit) rows were rejected by line \(line); is it the right file?"
        case .tooSlow(let seconds): "the import took longer than \(seconds) seconds; what was read is recorded, run it again to go on"
        }
    }
}
