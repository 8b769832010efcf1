public import Suppression

/// Why a list was not loaded or changed. What was in force stays in force, unless a case says otherwise.
public enum ListFailure: Error, Equatable, Sendable {
    case badName(String)
    case badOptions(String)
    case unknownList(String)
    case noPreviousVersion(String)
    /// Another load, rollback, removal or rotation is under way.
    case busy
    case unreadable(path: String, cause: String)
    case badHeader(path: String, cause: String)
    case truncated(path: String)
    case tooManyBytes(limit: Int64)
    case tooManyRows(limit: Int)
    case tooManyRejected(rejected: Int, rows: Int, firstCause: String)
    case empty(path: String)
    case shrunk(name: String, from: Int, to: Int)
    case cancelled
    /// The lists' own directory contradicts itself.
    case damaged(path: String, cause: String)
    /// The index follows the new state, but the manifest could not be replaced: a restart goes back to the old state.
    case notRecorded(SuppressionError)
    case storage(SuppressionError)
    case missingSources([String])
}

extension ListFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badName(let name):
            "\"\(name)\" is no name for a list: use 1 to 64 small letters, digits, `-`, `_` and `.`, the first a letter or digit"
        case .badOptions(let cause): cause
        case .unknownList(let name): "there is no list \(name); `stopgate list ls` shows those there are"
        case .noPreviousVersion(let name): "list \(name) has no version before the one in force"
        case .busy: "another change of the lists is under way; wait for it to end"
        case .unreadable(let path, let cause): "\(path): \(cause)"
        case .badHeader(let path, let cause): "\(path), line 1: \(cause)"
        case .truncated(let path): "\(path) ends in the middle of its gzip data; fetch it again. Nothing was changed"
        case .tooManyBytes(let limit): "the file decodes to more than \(limit) bytes; nothing was changed"
        case .tooManyRows(let limit): "the file has more than \(limit) rows; nothing was changed"
        case .tooManyRejected(let rejected, let rows, let cause):
            "\(rejected) of \(rows) rows were rejected, the first because: \(cause) Is it the right file and column? Nothing was changed"
        case .empty(let path): "\(path) holds no identifier; to end a list use `stopgate list remove`. Nothing was changed"
        case .shrunk(let name, let from, let to):
            "the new version of \(name) has \(to) identifiers, the one in force \(from): is the file whole? Nothing was changed; "
                + "`--allow-shrink` takes it all the same"
        case .cancelled: "cancelled; nothing was changed"
        case .damaged(let path, let cause): "\(path): \(cause)"
        case .notRecorded(let error):
            "the change is in force, but could not be recorded and ends with a restart: \(error)"
        case .storage(let error): "\(error)"
        case .missingSources(let lines):
            "list files hold digests, which cannot be made anew under another secret without the identifiers. Give the sources of "
                + "these lists, or drop the lists by name: \(lines.joined(separator: "; "))"
        }
    }
}
