import Foundation
public import Recipients
public import Suppression
import Synchronization

/// The bulk lists of an installation: files of keys in one directory, a manifest that says which are in force, and their part of the
/// index. A list never touches the record of a person.
///
/// Every change is one step, for sends (the index moves to a new snapshot) and for a crash: the index is written first, then the
/// manifest, and ``reconcile()`` makes the index follow the manifest where a crash came between. Readings and changes may come from
/// any thread; one change at a time, a second is refused.
///
/// ```
/// lists/manifest.json                    which versions are in force
/// lists/NAME/000007-1f2e3d4c.keys        a version: its description and its keys, no identifier
/// ```
public final class ListStore: Sendable {
    let directory: String
    let index: SuppressionIndex
    let secret: DigestSecret
    private let state: Mutex<State>
    private let isChanging = Mutex<Bool>(false)

    private struct State {
        var manifest: ListManifest
        var files: [String: KeyListFile]
        var rules: NormalisationRules
        /// Why a version that the manifest names cannot be used, by `NAME/ID`.
        var broken: [String: ListFailure]
    }

    /// A version that is in force or may be rolled back to.
    public struct Summary: Sendable, Equatable {
        public let version: ListVersion
        public let isCurrent: Bool
        /// The identifiers were read under other rules than those in force now: load the list again.
        public let isOutdated: Bool
    }

    /// Opens the lists in `directory`, making it when there is none, and removes what a crash has left of unfinished changes.
    ///
    /// The index is not touched: call ``reconcile()`` before its `markReady()`.
    /// - Parameter index: open, and its directory held by this process: it guards the lists as well.
    /// - Parameter rules: those that sends are judged under.
    /// - Parameter allowsBroken: opens although a list is damaged or was made under another secret, so that it can be loaded again
    ///   or removed (``problems``). Not for a gate: without the list somebody on it would be sent to.
    /// - Throws: ``ListFailure``; a broken list among others.
    public init(
        directory: String, index: SuppressionIndex, secret: DigestSecret, rules: NormalisationRules, allowsBroken: Bool = false
    ) throws(ListFailure) {
        self.directory = directory
        self.index = index
        self.secret = secret
        if index.listsID != 0, !FileManager.default.fileExists(atPath: "\(directory)/\(ListManifest.fileName)") {
            throw .damaged(
                path: directory,
                cause: "the lists are gone, and the index was made of some. Restore them from a backup; to begin without lists, and send to "
                    + "whom they suppressed, move the index snapshot away as well")
        }
        let manifest = try Self.openManifest(directory)
        var files: [String: KeyListFile] = [:]
        var broken: [String: ListFailure] = [:]
        for entry in manifest.entries {
            for id in [entry.current, entry.previous].compactMap({ $0 }) {
                do throws(ListFailure) {
                    files["\(entry.name)/\(id)"] = try Self.open(directory, entry.name, id, secretID: index.secretID)
                } catch {
                    guard allowsBroken else { throw error }
                    broken["\(entry.name)/\(id)"] = error
                }
            }
        }
        state = Mutex(State(manifest: manifest, files: files, rules: rules, broken: broken))
        try Self.removeUnnamed(directory, manifest)
    }

    // MARK: Reading

    /// Every version that is kept and can be used, sorted by name, the one in force first.
    public func describe() throws(ListFailure) -> [Summary] {
        var summaries: [Summary] = []
        for entry in manifest.entries {
            for id in [entry.current, entry.previous].compactMap({ $0 }) where !isBroken(entry.name, id) {
                summaries.append(try summary(entry.name, id, isCurrent: id == entry.current))
            }
        }
        return summaries
    }

    /// What is wrong with versions that the manifest names. With any a gate does not start: load the list again, or remove it.
    public var problems: [ListFailure] { state.withLock { state in state.broken.sorted { $0.key < $1.key }.map(\.value) } }

    /// As ``lists(holding:)``, for a reader beside whoever has the lists open.
    /// - Parameter secretID: names the secret that the keys were made under.
    public static func lists(
        in directory: String, secretID: UInt64, holding keys: [RecipientKey]
    ) throws(ListFailure) -> [ListVersion] {
        let path = "\(directory)/\(ListManifest.fileName)"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        var found: [ListVersion] = []
        for entry in try ListManifest(path: path).entries {
            let file = try open(directory, entry.name, entry.current, secretID: secretID)
            for key in keys where try storage({ () throws(SuppressionError) in try file.contains(key) }) {
                found.append(try version(file))
                break
            }
        }
        return found
    }

    /// The lists in force that hold one of `keys`: all the keys that a spelling may have (`Normaliser.keys(of:kind:into:)`).
    /// For explanations; sends are judged by the index.
    public func lists(holding keys: [RecipientKey]) throws(ListFailure) -> [ListVersion] {
        var found: [ListVersion] = []
        for entry in manifest.entries {
            let file = try file(entry.name, entry.current)
            for key in keys {
                if try Self.storage({ () throws(SuppressionError) in try file.contains(key) }) {
                    found.append(try Self.version(file))
                    break
                }
            }
        }
        return found
    }

    /// Reads all files of keys and checks them, and that the index was made of those in force.
    /// - Throws: the first problem.
    public func verify() throws(ListFailure) {
        for entry in manifest.entries {
            for id in [entry.current, entry.previous].compactMap({ $0 }) {
                let file = try file(entry.name, id)
                try Self.storage { () throws(SuppressionError) in try file.verify() }
            }
        }
        guard index.listsID == manifest.id else {
            throw .damaged(path: directory, cause: "the index was made of other versions of the lists; restart the gate")
        }
    }

    /// Makes the index follow the manifest, when a crash or a rebuild of the index has left it elsewhere.
    /// - Returns: whether it had to.
    @discardableResult
    public func reconcile() throws(ListFailure) -> Bool {
        let manifest = manifest
        guard index.listsID != manifest.id else { return false }
        if let problem = problems.first { throw problem }
        try exclusively { () throws(ListFailure) in try rebuildIndex(manifest, adding: [:]) }
        return true
    }

    /// Sends are judged under other rules from now on; lists loaded before show as outdated then.
    public func replaceRules(_ rules: NormalisationRules) { state.withLock { $0.rules = rules } }

    // MARK: For changes

    var rules: NormalisationRules { state.withLock { $0.rules } }

    var manifest: ListManifest { state.withLock { $0.manifest } }

    func file(_ name: String, _ id: String) throws(ListFailure) -> KeyListFile {
        let (file, problem) = state.withLock { ($0.files["\(name)/\(id)"], $0.broken["\(name)/\(id)"]) }
        if let problem { throw problem }
        guard let file else {
            throw .damaged(path: Self.path(directory, name, id), cause: "the manifest names it and it is not open")
        }
        return file
    }

    func isBroken(_ name: String, _ id: String) -> Bool { state.withLock { $0.broken["\(name)/\(id)"] != nil } }

    /// Runs `body` as the only change.
    func exclusively<T>(_ body: () throws(ListFailure) -> T) throws(ListFailure) -> T {
        let isFree = isChanging.withLock { isChanging in
            defer { isChanging = true }
            return !isChanging
        }
        guard isFree else { throw .busy }
        defer { isChanging.withLock { $0 = false } }
        return try body()
    }

    /// Moves to `next`: index, manifest, memory, in this order; then removes what nothing names any more.
    /// - Parameter file: of a version that is new in `next`, by `NAME/ID`.
    func move(to next: ListManifest, adding new: [String: KeyListFile]) throws(ListFailure) {
        let path = "\(directory)/\(ListManifest.fileName)", temporary = path + ".tmp"
        try Self.storage { () throws(SuppressionError) in try DurableFile.prepare(temporary, next.encoded()) }
        // While a list cannot be read no gate runs; the start after the last is mended makes the index anew.
        if !next.entries.contains(where: { isBroken($0.name, $0.current) }) { try rebuildIndex(next, adding: new) }
        do throws(SuppressionError) {
            try DurableFile.rename(temporary, to: path)
        } catch {
            throw .notRecorded(error)
        }
        state.withLock { state in
            state.manifest = next
            state.files.merge(new) { $1 }
            let named = Set(next.entries.flatMap { entry in [entry.current, entry.previous].compactMap { $0 }.map { "\(entry.name)/\($0)" } })
            state.files = state.files.filter { named.contains($0.key) }
            state.broken = state.broken.filter { named.contains($0.key) }
        }
        // The change holds. What cannot be removed now is removed at the next start.
        try? Self.removeUnnamed(directory, next)
    }

    private func rebuildIndex(_ manifest: ListManifest, adding new: [String: KeyListFile]) throws(ListFailure) {
        var files: [(KeyListFile, ChannelSet)] = []
        for entry in manifest.entries {
            let file = if let file = new["\(entry.name)/\(entry.current)"] { file } else { try file(entry.name, entry.current) }
            files.append((file, try Self.version(file).channels))
        }
        try Self.storage { () throws(SuppressionError) in
            let rebuild = try beginRebuild()
            for (file, channels) in files { try rebuild.add(file, channels) }
            try rebuild.commit(ledgerPosition: 0, listsID: manifest.id)
        }
    }

    /// Waits for a compaction that is under way: up to ten minutes, which is a compaction of billions.
    private func beginRebuild() throws(SuppressionError) -> sending SuppressionRebuild {
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            do throws(SuppressionError) {
                return try index.beginRebuild(.lists)
            } catch {
                guard error == .busy, ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }

    private func summary(_ name: String, _ id: String, isCurrent: Bool) throws(ListFailure) -> Summary {
        let version = try Self.version(try file(name, id))
        return Summary(version: version, isCurrent: isCurrent, isOutdated: version.rules != rules.fingerprint)
    }
}
