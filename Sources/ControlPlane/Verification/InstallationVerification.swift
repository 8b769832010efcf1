import Foundation
import Ledger
import Lists
public import Policy
import Recipients
import Suppression

/// Checks that an installation agrees with itself: the ledger's file, its hash chain and the preferences folded from it; the lists'
/// files; and that the index holds exactly what ledger and lists say, no key less, none more, each with the same channels.
///
/// The comparison is complete: a second index is built aside of ledger and lists, as a start without a snapshot would, and the two are
/// read side by side. It costs what such a start costs, 24 bytes of disk a key, and holds up no opt-out.
public enum InstallationVerification {
    /// How far it is: what is being done, and how much of it out of how much.
    public typealias Progress = (_ phase: String, _ done: Int64, _ of: Int64) -> Void

    static let differenceLimit = 100

    /// Of a gate that runs: compares the index that sends are judged by.
    static func run(_ parts: GateParts, progress: @escaping Progress) throws -> VerificationReport {
        let storage = parts.startSettings.storage
        // A connection of its own, so that appends go on.
        let checked = try PreferenceLedger(path: storage.ledgerFile, readOnly: true).verify { progress("ledger", Int64($0), Int64($1)) }
        var report = VerificationReport(checked)
        guard checked.isReadable else { return report }
        progress("lists", 0, 1)
        do throws(ListFailure) {
            report.lists = try parts.lists.describe().filter(\.isCurrent).count
            try parts.lists.verify()
        } catch {
            report.add("lists: \(error)")
        }
        do throws(SuppressionError) { try parts.index.verify() } catch { report.add("index: \(error)") }
        if let failure = parts.feed.failure { report.add("index: it could not take what the ledger holds: \(failure)") }
        guard parts.index.isReady else {
            report.add("index: it is not loaded: \(parts.readiness.loadingProblem ?? "wait for /ready")")
            return report
        }
        progress("index", 0, 1)
        for attempt in 0... {
            // Both of one moment between two appends.
            let (ledger, contents) = try parts.ledger.view { parts.index.contents() }
            if contents.ledgerPosition != ledger.position {
                report.add("index: it includes the ledger up to \(contents.ledgerPosition) instead of \(ledger.position)")
            }
            let listsID = try compare(contents, storage, parts.secret, ledger, &report) { try parts.lists.add(to: $0) }
            if listsID == contents.listsID { return report }
            // A list was exchanged while it was being read.
            guard attempt < 3 else {
                report.add("index: it was made of other versions of the lists than those in force, or they change all the time")
                return report
            }
        }
        return report
    }

    /// Of an installation whose gate does not run: compares what the next start will serve. Writes nothing but a directory aside, which it
    /// removes.
    public static func run(_ storage: Settings.Storage, progress: @escaping Progress) throws -> VerificationReport {
        let ledger = try PreferenceLedger(path: storage.ledgerFile, readOnly: true)
        let checked = try ledger.verify { progress("ledger", Int64($0), Int64($1)) }
        var report = VerificationReport(checked)
        guard checked.isReadable else { return report }
        guard FileManager.default.fileExists(atPath: storage.secretFile) else {
            report.notes.append("there is no digest secret yet, so no index and no lists")
            return report
        }
        let secret = try DigestSecret(installation: storage.secretFile)
        progress("lists", 0, 1)
        let hasLists = FileManager.default.fileExists(atPath: storage.listsDirectory + "/manifest.json")
        if hasLists {
            do throws(ListFailure) {
                report.lists = try ListStore.check(storage.listsDirectory, secretID: secret.checkValue)
            } catch {
                report.add("lists: \(error)")
                return report
            }
        }
        progress("index", 0, 1)
        let stored: IndexContents
        do throws(SuppressionError) {
            guard let found = try IndexContents.stored(in: storage.indexDirectory, secretID: secret.checkValue) else {
                report.notes.append("there is no index snapshot; the next start builds it from ledger and lists")
                return report
            }
            stored = found
        } catch {
            report.add("index: \(error); the next start builds it anew")
            return report
        }
        guard stored.ledgerPosition <= (try ledger.lastPosition()) else {
            report.add("index: it includes events up to \(stored.ledgerPosition), which the ledger does not have; the next start builds it anew")
            return report
        }
        let view = try ledger.view {}.ledger
        let contents = stored.applying(try changes(of: ledger, after: stored.ledgerPosition, secret), ledgerPosition: view.position)
        let listsID = try compare(contents, storage, secret, view, &report) {
            hasLists ? try ListStore.add(storage.listsDirectory, to: $0, secretID: secret.checkValue) : 0
        }
        if listsID != stored.listsID {
            report.add("index: it was made of other versions of the lists than those in force; the next start mends it")
        }
        return report
    }

    /// What a start replays over a snapshot.
    private static func changes(
        of ledger: PreferenceLedger, after position: LedgerPosition, _ secret: DigestSecret
    ) throws -> [Suppression.SuppressionChange] {
        var changes: [Suppression.SuppressionChange] = []
        let keys = ScopeKeys(secret: secret)
        try ledger.forEachChange(after: position) { changes += keys.changes($0) }
        return changes
    }

    /// Builds an index of `ledger` and lists aside and compares.
    /// - Returns: what names the state of the lists that were read; when it is not that of `contents`, nothing is reported.
    private static func compare(
        _ contents: IndexContents, _ storage: Settings.Storage, _ secret: DigestSecret, _ ledger: LedgerView,
        _ report: inout VerificationReport, addLists: (SuppressionRebuild) throws -> UInt64
    ) throws -> UInt64 {
        let aside = try AsideDirectory(in: storage.directory)
        defer { aside.remove() }
        let index = try SuppressionIndex(directory: aside.path, secretID: secret.checkValue)
        let rebuild = try index.beginRebuild(.everything)
        try IndexLoader.addEvents(of: ledger, to: rebuild, secret)
        let listsID = try addLists(rebuild)
        guard listsID == contents.listsID else {
            rebuild.cancel()
            return listsID
        }
        try rebuild.commit(ledgerPosition: ledger.position, listsID: listsID)
        let found: IndexComparison
        do throws(SuppressionError) {
            found = try contents.compare(with: index.contents(), limit: differenceLimit)
        } catch {
            report.add("index: \(error)")
            return listsID
        }
        report.keys = found.keys
        report.comparedAt = ledger.position
        guard found.differing > 0 else { return listsID }
        let names = try names(of: found.differences, ledger, secret)
        for difference in found.differences { report.add(Self.line(difference, names[difference.key])) }
        if found.differing > found.differences.count { report.add("index: and \(found.differing - found.differences.count) more keys differ") }
        return listsID
    }

    /// Whose keys they are, where the ledger knows.
    private static func names(
        of differences: [IndexDifference], _ ledger: LedgerView, _ secret: DigestSecret
    ) throws -> [RecipientKey: String] {
        let wanted = Set(differences.map(\.key))
        let keys = ScopeKeys(secret: secret)
        var names: [RecipientKey: String] = [:]
        try ledger.forEachSuppression { state in
            for key in keys.keys(of: state.identifier, in: state.scope) where wanted.contains(key) {
                names[key] = "\(state.identifier.kind.name) \(state.identifier.masked)"
            }
        }
        return names
    }

    private static func line(_ difference: IndexDifference, _ name: String?) -> String {
        func channels(_ set: ChannelSet) -> String { set.isEmpty ? "none" : set.channels.map(\.name).joined(separator: " ") }
        var parts: [String] = []
        let here = difference.here, there = difference.there
        if here.event != there.event { parts.append("the ledger suppresses \(channels(there.event)), the index \(channels(here.event))") }
        if here.list != there.list { parts.append("the lists suppress \(channels(there.list)), the index \(channels(here.list))") }
        return "index: \(name ?? "a key of no opt-out in the ledger"): \(parts.joined(separator: "; "))"
    }
}
