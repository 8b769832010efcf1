import Glibc

/// Holds a log's directory for one process. The kernel lets go of it when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let file: Int32

    init(_ directory: String) throws(AuditFailure) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw .system(.open, path: directory, errno: errno)
        }
        let path = "\(directory)/lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(.open, path: path, errno: errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let cause = errno
            Glibc.close(file)
            if cause == EWOULDBLOCK { throw .inUse(directory: directory) }
            throw .system(.lock, path: path, errno: cause)
        }
    }

    deinit { Glibc.close(file) }
}
