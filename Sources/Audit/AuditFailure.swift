import Glibc

/// Why the log or its key cannot be used. The description says what, where and how to mend it.
public enum AuditFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case system(AuditOperation, path: String, errno: Int32)
    /// Another process writes this log.
    case inUse(directory: String)
    /// Bytes that a sync had covered are gone or changed.
    case damaged(AuditProblem)
    /// The key file is not what it has to be.
    case key(path: String, reason: String)
    /// A setting is out of range.
    case setting(String)
    /// The log takes no records; ``AuditState`` says why.
    case notRunning(AuditState)
    /// The record is larger than the ring it has to pass through.
    case tooLarge

    public var description: String {
        switch self {
        case .system(let operation, let path, let errno):
            "cannot \(operation.name) \(path): \(String(cString: strerror(errno)))"
        case .inUse(let directory):
            "\(directory) is in use by another process: stop that process, or give this one a directory of its own"
        case .damaged(let problem):
            "the audit log is damaged and is left as it is: \(problem). Copy the directory away as evidence, then start once "
                + "with repair allowed: what follows the last good seal is moved to a file of its own and the repair is recorded"
        case .key(let path, let reason):
            "audit key \(path): \(reason)"
        case .setting(let reason):
            "audit setting: \(reason)"
        case .notRunning(let state):
            "the audit log takes no records: \(state)"
        case .tooLarge:
            "the record does not fit into the audit ring"
        }
    }
}
