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
    ///
    /// Everything that can fail is done aside first. Then it is noted that the exchange begins, and from there on it is finished, after a crash
    /// by whoever opens the installation next (``complete(_:)``): nobody sees the ledger of one time with the lists of another.
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
        try complete(storage)
        // Opening and closing it brings the newest events from the log beside it into the one file, if it is sound enough for that.
        if manager.fileExists(atPath: storage.ledgerFile) { _ = try? PreferenceLedger(path: storage.ledgerFile).lastPosition() }
        return try whileHeld(storage) {
            let kept = try newDirectory("\(storage.directory)/before-restore-\(Int(Date().timeIntervalSince1970))")
            let pending = PendingRestore(kept: kept, keepsLists: keepsLists)
            do {
                try manager.copyItem(atPath: directory, toPath: pending.incoming)
                let problems = try PreferenceLedger(path: "\(pending.incoming)/\(ledgerName)").verify().problems
                guard problems.isEmpty else { throw StartProblem("the backup's ledger is not sound: \(problems[0])") }
                guard !manager.fileExists(atPath: "\(pending.incoming)/\(ledgerName)-wal") else {
                    throw StartProblem("the backup's ledger could not be closed")
                }
                for suffix in ["", "-wal", "-shm"] where manager.fileExists(atPath: storage.ledgerFile + suffix) {
                    try manager.copyItem(atPath: storage.ledgerFile + suffix, toPath: "\(kept)/\(ledgerName)\(suffix)")
                }
                try DurableFile.synchroniseTree(kept)
                try DurableFile.replace(mark(storage), with: try pending.encoded(), temporary: mark(storage) + ".tmp")
            } catch {
                try? manager.removeItem(atPath: kept)
                throw error
            }
            try exchange(pending, storage)
            return kept
        }
    }

    /// Finishes a restore that was cut off in the middle, if there is one. To be called before ledger, lists and index are opened.
    /// - Returns: whether there was one.
    @discardableResult
    public static func complete(_ storage: Settings.Storage) throws -> Bool {
        guard FileManager.default.fileExists(atPath: mark(storage)) else { return false }
        return try whileHeld(storage) {
            // Somebody else may have finished it meanwhile.
            guard let bytes = FileManager.default.contents(atPath: mark(storage)) else { return false }
            try exchange(try PendingRestore(bytes, path: mark(storage)), storage)
            return true
        }
    }

    private static func mark(_ storage: Settings.Storage) -> String { storage.directory + "/restoring.json" }

    /// Keeps gates and other writers away while `body` runs.
    private static func whileHeld<T>(_ storage: Settings.Storage, _ body: () throws -> T) throws -> T {
        try FileManager.default.createDirectory(
            atPath: storage.indexDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let index = try DirectoryHold(storage.indexDirectory), ledger = try LedgerHold(storage.ledgerFile)
        defer { withExtendedLifetime((index, ledger)) {} }
        return try body()
    }

    private static func newDirectory(_ wanted: String) throws -> String {
        var path = wanted, number = 1
        while FileManager.default.fileExists(atPath: path) {
            number += 1
            path = "\(wanted)-\(number)"
        }
        try DurableFile.makeDirectory(path)
        return path
    }

    /// Each step is one that may have been done before.
    private static func exchange(_ pending: PendingRestore, _ storage: Settings.Storage) throws {
        let manager = FileManager.default
        let lists = "\(pending.incoming)/\(listsName)", ledger = "\(pending.incoming)/\(ledgerName)"
        if !pending.keepsLists, manager.fileExists(atPath: lists) {
            if manager.fileExists(atPath: storage.listsDirectory) { try DurableFile.rename(storage.listsDirectory, to: "\(pending.kept)/\(listsName)") }
            try DurableFile.rename(lists, to: storage.listsDirectory)
        }
        // The next start builds the index anew.
        try DurableFile.remove("\(storage.indexDirectory)/index.snapshot")
        if manager.fileExists(atPath: ledger) {
            for suffix in ["-wal", "-shm"] { try DurableFile.remove(storage.ledgerFile + suffix) }
            try DurableFile.rename(ledger, to: storage.ledgerFile)
        }
        try DurableFile.remove(mark(storage))
        try? manager.removeItem(atPath: pending.incoming)
    }
}
