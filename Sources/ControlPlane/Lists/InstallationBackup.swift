import Foundation
public import Ledger
public import Lists
public import Policy
import Recipients
import Suppression

/// Copies of what an installation cannot do without: the ledger and the lists. The index is derived from them; the digest secret,
/// without which the lists' files are of no use, belongs somewhere else (docs/operations.md).
public enum InstallationBackup {
    static let ledgerName = "ledger.db"
    static let listsName = "lists"

    /// Writes a backup to `directory`, which must not exist. It gets its name when it is whole.
    public static func write(to directory: String, ledger: PreferenceLedger, lists: ListStore) throws -> BackupReceipt {
        let manager = FileManager.default
        guard !manager.fileExists(atPath: directory) else { throw StartProblem("there is a \(directory) already; a backup never overwrites one") }
        let partial = directory + ".partial"
        if manager.fileExists(atPath: partial) { try manager.removeItem(atPath: partial) }
        try DurableFile.makeDirectory(partial)
        do {
            try ledger.backup(to: "\(partial)/\(ledgerName)")
            try lists.copy(to: "\(partial)/\(listsName)")
            let copy = try PreferenceLedger(path: "\(partial)/\(ledgerName)", readOnly: true)
            let receipt = BackupReceipt(
                directory: directory, ledgerPosition: try copy.lastPosition(), lists: try lists.describe().filter(\.isCurrent).map(\.version.name))
            for suffix in ["-wal", "-shm"] { try DurableFile.remove("\(partial)/\(ledgerName)\(suffix)") }
            try DurableFile.rename(partial, to: directory)
            return receipt
        } catch {
            try? manager.removeItem(atPath: partial)
            throw error
        }
    }

    /// Puts a backup in the place of what the installation has. No gate may run; what was there is kept beside, under a name with the time.
    /// - Parameter keepsLists: leaves the lists as they are.
    /// - Returns: where that is.
    public static func restore(_ directory: String, storage: Settings.Storage, keepsLists: Bool = false) throws -> String {
        let manager = FileManager.default
        for part in [ledgerName, listsName] where !manager.fileExists(atPath: "\(directory)/\(part)") {
            throw StartProblem("\(directory) holds no \(part); is it a backup?")
        }
        if !keepsLists, manager.fileExists(atPath: storage.secretFile) {
            do {
                try ListStore.check("\(directory)/\(listsName)", secretID: try DigestSecret(installation: storage.secretFile).checkValue)
            } catch {
                throw StartProblem("the backup's lists cannot be used: \(error). To restore the ledger alone, and keep the lists as they are: --keep-lists")
            }
        }
        let kept = "\(storage.directory)/before-restore-\(Int(Date().timeIntervalSince1970))"
        // Held until all is in place, so that no gate starts in between.
        try manager.createDirectory(atPath: storage.indexDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let hold = try DirectoryHold(storage.indexDirectory)
        defer { withExtendedLifetime(hold) {} }
        try DurableFile.makeDirectory(kept)
        let incoming = kept + "/incoming"
        try manager.copyItem(atPath: directory, toPath: incoming)
        let problems = try PreferenceLedger(path: "\(incoming)/\(ledgerName)").verify().problems
        guard problems.isEmpty else { throw StartProblem("the backup's ledger is not sound: \(problems[0])") }
        guard !manager.fileExists(atPath: "\(incoming)/\(ledgerName)-wal") else { throw StartProblem("the backup's ledger could not be closed") }
        // Opening and closing it brings the newest events from the log beside it into the one file, if it is sound enough for that.
        if manager.fileExists(atPath: storage.ledgerFile) { _ = try? PreferenceLedger(path: storage.ledgerFile).lastPosition() }
        for suffix in ["", "-wal", "-shm"] where manager.fileExists(atPath: storage.ledgerFile + suffix) {
            try manager.copyItem(atPath: storage.ledgerFile + suffix, toPath: "\(kept)/\(ledgerName)\(suffix)")
        }
        // A crash between the two leaves an index made of lists that are not there, with which no gate starts.
        if !keepsLists {
            if manager.fileExists(atPath: storage.listsDirectory) { try DurableFile.rename(storage.listsDirectory, to: "\(kept)/\(listsName)") }
            try DurableFile.rename("\(incoming)/\(listsName)", to: storage.listsDirectory)
        }
        // From here on the next start builds the index anew, of whichever ledger it finds.
        try DurableFile.remove("\(storage.indexDirectory)/index.snapshot")
        for suffix in ["-wal", "-shm"] { try DurableFile.remove(storage.ledgerFile + suffix) }
        try DurableFile.rename("\(incoming)/\(ledgerName)", to: storage.ledgerFile)
        try manager.removeItem(atPath: incoming)
        return kept
    }
}
