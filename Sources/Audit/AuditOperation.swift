/// The call to the operating system that failed.
public enum AuditOperation: UInt8, Sendable {
    case open = 0, read, write, sync, rename, truncate, lock, thread, random

    public var name: String {
        switch self {
        case .open: "open"
        case .read: "read"
        case .write: "write"
        case .sync: "sync"
        case .rename: "rename"
        case .truncate: "truncate"
        case .lock: "lock"
        case .thread: "start the writer thread for"
        case .random: "draw random bytes for"
        }
    }
}
