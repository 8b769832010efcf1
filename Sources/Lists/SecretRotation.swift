import Foundation
public import Recipients
public import Suppression
import TLSKit

/// Moves an installation to another digest secret, for when the old one may have been seen.
///
/// Every key changes, so the index and all list files are made anew under the new secret in a directory aside, while the gate runs
/// on under the old one (``prepare(_:lists:rules:sources:dropping:events:progress:)``). The exchange is made at the next start, before anything is open
/// (``complete(_:)``): no send is judged in between. A crash in the middle of it is no danger: the secret fits some of the files and not others,
/// nothing opens, and the next start finishes the exchange. Opt-outs that came after the preparation are replayed from the ledger, as
/// at every start; a list that changed after it makes the preparation void.
///
/// Digests cannot be made anew from digests. The ledger has its identifiers; lists have theirs in their source files alone, so every
/// list's source must be there, with the bytes that were loaded, or the list be dropped by name. Previous versions are not carried
/// over: there is nothing to roll back to until a list is loaded again.
public struct SecretRotation: Sendable {
    /// Where the installation keeps what is exchanged.
    public struct Paths: Sendable {
        public let secretFile: String
        public let indexDirectory: String
        public let listsDirectory: String
        /// On the same file system as the others; made by the preparation and gone after the exchange.
        public let workDirectory: String

        public init(secretFile: String, indexDirectory: String, listsDirectory: String, workDirectory: String) {
            self.secretFile = secretFile
            self.indexDirectory = indexDirectory
            self.listsDirectory = listsDirectory
            self.workDirectory = workDirectory
        }

        var newSecret: String { workDirectory + "/secret" }
        var newIndex: String { workDirectory + "/index" }
        var newLists: String { workDirectory + "/lists" }
        var oldLists: String { workDirectory + "/lists.old" }
        var prepared: String { workDirectory + "/prepared.json" }
        var exchanging: String { workDirectory + "/exchanging.json" }
    }

    /// The secret to move to.
    public struct NewSecret: Sendable {
        let bytes: [UInt8]
        public let digest: DigestSecret
        public let id: UInt64

        /// Random bytes from OpenSSL.
        /// - Parameter checkValue: names a secret as the index does.
        public init(checkValue: (DigestSecret) -> UInt64) {
            bytes = MessageAuthentication.randomBytes(DigestSecret.byteCount)
            guard let digest = DigestSecret(bytes) else { fatalError("a secret has \(DigestSecret.byteCount) bytes") }
            self.digest = digest
            id = checkValue(digest)
        }
    }

    /// What ``complete(_:)`` found.
    public enum Outcome: Sendable, Equatable {
        /// No rotation was prepared.
        case none
        /// The installation has its new secret.
        case completed
        /// What was prepared does not hold any more and was removed; the old secret stays.
        case discarded(cause: String)
    }

    struct Record: Codable {
        let listsID: UInt64
        let secretID: UInt64
    }

    /// Makes secret, index and lists anew aside. Nothing in use is touched, and it may be stopped, or crash, at any point.
    /// - Parameters:
    ///   - lists: those of the running gate.
    ///   - sources: the source file of a list, where it is not where it was loaded from.
    ///   - dropping: lists to give up. What they alone suppress may be sent to after the exchange.
    ///   - events: adds everything that the ledger suppresses to the rebuild, under the secret given, and returns the ledger position
    ///     that it reflects.
    /// - Throws: ``ListFailure/missingSources(_:)`` before anything is made, and what `events` throws.
    public static func prepare(
        _ paths: Paths, secret: NewSecret, lists: ListStore, rules: NormalisationRules, sources: [String: String] = [:],
        dropping: Set<String> = [], events: (DigestSecret, SuppressionRebuild) throws -> UInt64,
        progress: @escaping @Sendable (String, ListProgress) -> Bool = { _, _ in true }
    ) throws {
        let manifest = lists.manifest
        if let unknown = dropping.union(sources.keys).sorted().first(where: { manifest[$0] == nil }) { throw ListFailure.unknownList(unknown) }
        let kept = try manifest.entries.filter { !dropping.contains($0.name) }.map { try ListStore.version(lists.file($0.name, $0.current)) }
        try checkSources(kept, sources)
        try checkFileSystem(paths)
        try discard(paths)
        for directory in [paths.workDirectory, paths.newIndex] { try DurableFile.makeDirectory(directory) }
        try DurableFile.replace(paths.newSecret, with: secret.bytes, temporary: paths.newSecret + ".tmp")
        do {
            let index = try SuppressionIndex(directory: paths.newIndex, secretID: secret.id)
            let rebuild = try index.beginRebuild(.everything)
            let position: UInt64
            do {
                position = try events(secret.digest, rebuild)
            } catch {
                rebuild.cancel()
                throw error
            }
            try rebuild.commit(ledgerPosition: position)
            let new = try ListStore(directory: paths.newLists, index: index, secret: secret.digest, rules: rules)
            for version in kept {
                var options = version.options
                // It was taken once; what matters is that it is the same again.
                options.limits.rejectedRows = .max
                options.limits.rejectedShare = 1
                let result = try new.load(
                    version.name, file: sources[version.name] ?? version.source.path, options: options, progress: { progress(version.name, $0) })
                guard case .loaded(let made, _) = result, made.source.sha256 == version.source.sha256, made.rows == version.rows,
                    made.keys == version.keys || version.rules != rules.fingerprint
                else { throw ListFailure.missingSources(["\(version.name): its source changed while it was read"]) }
            }
            try index.verify()
            try new.verify()
        }
        guard lists.manifest == manifest else { throw ListFailure.busy }
        let record = ListManifest.sealed(Record(listsID: manifest.id, secretID: secret.id))
        try DurableFile.replace(paths.prepared, with: record, temporary: paths.prepared + ".tmp")
    }

    /// Removes what was prepared. An exchange that has begun is not given up.
    public static func discard(_ paths: Paths) throws {
        let manager = FileManager.default
        if manager.fileExists(atPath: paths.exchanging) {
            throw ListFailure.damaged(path: paths.exchanging, cause: "the secret is being exchanged; start the gate to finish that")
        }
        // The record first: without it the rest is nothing.
        try DurableFile.remove(paths.prepared)
        if manager.fileExists(atPath: paths.workDirectory) { try manager.removeItem(atPath: paths.workDirectory) }
    }

    /// Whether an exchange waits for the next start.
    public static func isPrepared(_ paths: Paths) -> Bool { FileManager.default.fileExists(atPath: paths.prepared) }

    /// Makes the exchange that was prepared, or finishes one that was interrupted. To be called at every start, before secret, index and
    /// lists are opened.
    /// - Throws: ``SuppressionError/inUse(path:)`` while a gate runs; errors of the storage, after which nothing may be opened.
    public static func complete(_ paths: Paths) throws -> Outcome {
        let manager = FileManager.default
        guard manager.fileExists(atPath: paths.workDirectory) else { return .none }
        let hold = try DirectoryHold(paths.indexDirectory)
        defer { withExtendedLifetime(hold) {} }
        if !manager.fileExists(atPath: paths.exchanging) {
            guard manager.fileExists(atPath: paths.prepared) else {
                // Without a secret it is what an exchange that has ended left behind.
                let isPreparation = manager.fileExists(atPath: paths.newSecret)
                try discard(paths)
                return isPreparation ? .discarded(cause: "its preparation did not end") : .none
            }
            if let cause = flaw(paths) {
                try discard(paths)
                return .discarded(cause: cause)
            }
            // From here on there is only forward.
            try DurableFile.rename(paths.prepared, to: paths.exchanging)
        }
        try exchange(paths)
        return .completed
    }

    /// Each step is done or not done, and doing them again does no harm.
    private static func exchange(_ paths: Paths) throws {
        let manager = FileManager.default
        let snapshot = "/index.snapshot"
        if manager.fileExists(atPath: paths.newIndex + snapshot) {
            try DurableFile.rename(paths.newIndex + snapshot, to: paths.indexDirectory + snapshot)
        }
        if manager.fileExists(atPath: paths.newLists) {
            if manager.fileExists(atPath: paths.listsDirectory) { try DurableFile.rename(paths.listsDirectory, to: paths.oldLists) }
            try DurableFile.rename(paths.newLists, to: paths.listsDirectory)
        }
        if manager.fileExists(atPath: paths.newSecret) { try DurableFile.rename(paths.newSecret, to: paths.secretFile) }
        for part in [paths.newIndex, paths.oldLists] where manager.fileExists(atPath: part) { try manager.removeItem(atPath: part) }
        // Last: without it the rest is an exchange that has not begun.
        try DurableFile.remove(paths.exchanging)
        try manager.removeItem(atPath: paths.workDirectory)
    }

    /// Why what was prepared must not be used, or `nil`.
    private static func flaw(_ paths: Paths) -> String? {
        do {
            let record: Record = try ListManifest.opened(paths.prepared)
            let listsID = FileManager.default.fileExists(atPath: paths.listsDirectory) ? try ListStore.openManifest(paths.listsDirectory).id : 0
            guard listsID == record.listsID else { return "the lists have changed since it was prepared; prepare it again" }
            guard FileManager.default.contents(atPath: paths.newSecret)?.count == DigestSecret.byteCount else { return "its secret is damaged" }
            let index = try SuppressionIndex(directory: paths.newIndex, secretID: record.secretID)
            guard case .opened = index.startup else { return "its index is damaged" }
            try index.verify()
            let manifest = try ListStore.openManifest(paths.newLists)
            guard index.listsID == manifest.id else { return "its index and its lists differ" }
            for entry in manifest.entries {
                let file = try KeyListFile(path: ListStore.path(paths.newLists, entry.name, entry.current))
                guard file.secretID == record.secretID else { return "its lists were made under another secret" }
                try file.verify()
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The exchange renames, and half an exchange would open nothing.
    private static func checkFileSystem(_ paths: Paths) throws(ListFailure) {
        func device(_ path: String) -> NSNumber? {
            var path = URL(fileURLWithPath: path)
            while path.path != "/", !FileManager.default.fileExists(atPath: path.path) { path.deleteLastPathComponent() }
            return (try? FileManager.default.attributesOfItem(atPath: path.path)[.systemNumber]) as? NSNumber
        }
        let own = device(paths.workDirectory)
        for path in [paths.secretFile, paths.indexDirectory, paths.listsDirectory] where device(path) != own {
            throw .badOptions("\(path) is on another file system than \(paths.workDirectory); the exchange must be made by renaming")
        }
    }

    private static func checkSources(_ versions: [ListVersion], _ sources: [String: String]) throws(ListFailure) {
        var missing: [String] = []
        for version in versions {
            let path = sources[version.name] ?? version.source.path
            if !FileManager.default.fileExists(atPath: path) {
                missing.append("\(version.name): there is no file \(path)")
            } else if try ListSource.digest(of: path) != version.source.sha256 {
                missing.append("\(version.name): \(path) is not the file that was loaded (its SHA-256 differs); load it first, then rotate")
            }
        }
        guard missing.isEmpty else { throw .missingSources(missing) }
    }
}
