import Glibc

/// The directory that holds an index: one snapshot under a fixed name, temporary files beside it while they are written,
/// and the evidence of damage. Held by one process at a time.
final class IndexDirectory: Sendable {
    let path: String
    private let lock: SystemFile

    private static let temporaryPrefix = "index.tmp-"
    var snapshotPath: String { path + "/index.snapshot" }
    var damagedPath: String { path + "/index.snapshot.damaged" }

    /// Takes the directory and removes what a crash has left of unfinished snapshots.
    init(path: String) throws(SuppressionError) {
        self.path = path
        lock = try SystemFile(lockingDirectory: path)
        try removeTemporaries()
    }

    /// The name of a file to be written and then renamed or removed.
    func temporaryPath(_ purpose: String) -> String { "\(path)/\(Self.temporaryPrefix)\(getpid())-\(purpose)" }

    func openSnapshot(secretID: UInt64) throws(SuppressionError) -> (SnapshotFile?, SnapshotStartup) {
        do throws(SuppressionError) {
            let snapshot = try SnapshotFile(path: snapshotPath, secretID: secretID)
            return (snapshot, .opened(ledgerPosition: snapshot.layout.ledgerPosition))
        } catch {
            switch error {
            case .system("open", _, ENOENT):
                return (nil, .none)
            case .unsupportedFormat(_, let version) where version < SnapshotLayout.formatVersion:
                // It lacks what the newer ones have, and is built anew of the ledger.
                return (nil, .none)
            case .damaged:
                if rename(snapshotPath, damagedPath) != 0 { throw SystemFile.failure("rename", snapshotPath) }
                try lock.synchronise()
                return (nil, .damaged(error, keptAs: damagedPath))
            default:
                throw error
            }
        }
    }

    /// Makes the file at `temporary`, already synced, the snapshot: after a crash there is the old one or the new one.
    func install(_ temporary: String) throws(SuppressionError) {
        if rename(temporary, snapshotPath) != 0 { throw SystemFile.failure("rename", temporary) }
        try lock.synchronise()
    }

    func remove(_ temporary: String) { unlink(temporary) }

    private func removeTemporaries() throws(SuppressionError) {
        guard let listing = opendir(path) else { throw SystemFile.failure("opendir", path) }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(Self.temporaryPrefix), unlink("\(path)/\(name)") != 0 {
                throw SystemFile.failure("unlink", "\(path)/\(name)")
            }
        }
    }
}
