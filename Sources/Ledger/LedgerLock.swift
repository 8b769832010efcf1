import Foundation

/// Keeps a second process from writing to the ledger behind the back of the one whose index is in force.
/// The lock is the kernel's and ends with the process, however that ends.
final class LedgerLock: Sendable {
    private let handle: FileHandle

    /// - Throws: ``LedgerFailure/inUse(path:)``, or ``LedgerFailure/cannotOpen(path:cause:)``.
    init(ledger path: String) throws {
        let lockPath = path + ".lock"
        if !FileManager.default.fileExists(atPath: lockPath),
            !FileManager.default.createFile(atPath: lockPath, contents: nil, attributes: [.posixPermissions: 0o600])
        {
            throw LedgerFailure.cannotOpen(path: path, cause: "cannot create \(lockPath)")
        }
        guard let handle = FileHandle(forUpdatingAtPath: lockPath) else {
            throw LedgerFailure.cannotOpen(path: path, cause: "cannot open \(lockPath)")
        }
        guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else { throw LedgerFailure.inUse(path: path) }
        self.handle = handle
    }

    /// Closing alone would not let go of it: a child that was forked and has yet to call `exec` shares the lock.
    deinit { flock(handle.fileDescriptor, LOCK_UN) }
}
