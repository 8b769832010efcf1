import Glibc
import Synchronization

/// Holds a log's directory for one process. The kernel lets go of it when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let file: Int32
    private let isHeld = Atomic<Bool>(true)

    init(_ directory: String) throws(AuditFailure) {
        if mkdir(directory, 0o700) == 0 {
            try Directory.sync(Directory.parent(of: directory))
        } else if errno != EEXIST {
            throw .system(.open, path: directory, errno: errno)
        }
        let path = "\(directory)/lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .system(.open, path: path, errno: errno) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let cause = errno
            Glibc.close(opened)
            if cause == EWOULDBLOCK { throw .inUse(directory: directory) }
            throw .system(.lock, path: path, errno: cause)
        }
        // Last, so that a failure above closes the descriptor once.
        file = opened
    }

    deinit { release() }

    /// Lets another process, or this one, open the log. Closing alone would not: a child that was forked and has yet to call `exec` shares
    /// the lock.
    func release() {
        guard isHeld.exchange(false, ordering: .acquiringAndReleasing) else { return }
        flock(file, LOCK_UN)
        Glibc.close(file)
    }
}
