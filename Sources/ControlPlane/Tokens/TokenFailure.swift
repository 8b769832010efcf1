/// Why the tokens could not be read or changed.
public enum TokenFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case badName(String)
    case nameTaken(String)
    case unknownName(String)
    case noScope
    case alreadyExpired(String)
    case tooMany(limit: Int)
    case unreadable(path: String, cause: String)
    case notWritable(path: String, cause: String)

    public var description: String {
        switch self {
        case .badName(let name): "'\(name)' is no name for a token; write up to 64 small letters, digits, - _ . and begin with a letter"
        case .nameTaken(let name): "there is a token \(name) already; a name is used once, so that the audit log stays clear"
        case .unknownName(let name): "there is no token \(name); 'stopgate token list' shows those there are"
        case .noScope: "a token needs a scope: read, write or admin"
        case .alreadyExpired(let moment): "\(moment) is over already"
        case .tooMany(let limit): "there are \(limit) tokens, revoked ones included; remove the file's old entries by hand"
        case .unreadable(let path, let cause): "the tokens in \(path) cannot be used: \(cause)"
        case .notWritable(let path, let cause): "\(path) cannot be written: \(cause)"
        }
    }
}
