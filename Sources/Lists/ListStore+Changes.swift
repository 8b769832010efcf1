import Foundation
import Recipients
import Suppression
import TLSKit

/// What a load came to.
public enum ListLoadResult: Sendable, Equatable {
    /// The version in force from now on, and the one before.
    case loaded(ListVersion, previous: ListVersion?)
    /// The file, and how it is to be read, are those of the version in force.
    case unchanged(ListVersion)
}

extension ListStore {
    /// Reads the file at `path` and makes it the list `name`, in place of the version in force, which is kept for ``rollback(_:)``.
    ///
    /// Returns when every send is judged by the new version. Until then, and whenever this throws, the old one is in force.
    /// - Parameters:
    ///   - rejectedRows: a file to leave rejected rows in.
    ///   - threads: that make keys; 0 for one a core.
    ///   - progress: called some ten times a second, on any thread; `false` cancels.
    /// - Complexity: linear in the file, and in the keys of all lists.
    @discardableResult
    public func load(
        _ name: String, file path: String, options: ListOptions, rejectedRows: String? = nil, threads: Int = 0,
        progress: @escaping @Sendable (ListProgress) -> Bool = { _ in true }
    ) throws(ListFailure) -> ListLoadResult {
        try ListName.check(name)
        try options.check()
        return try exclusively { () throws(ListFailure) in
            let old = manifest[name]
            // What cannot be read is replaced, and not kept to roll back to.
            let isMending = old.map { isBroken(name, $0.current) } ?? false
            var current: ListVersion?
            if let old, !isMending { current = try Self.version(try file(name, old.current)) }
            if let current, current.options.meansTheSame(as: options), current.rules == rules.fingerprint,
                try isSame(path, as: current.source, progress)
            {
                return .unchanged(current)
            }
            let id = Self.nextID(old)
            let final = Self.path(directory, name, id)
            try Self.storage { () throws(SuppressionError) in try DurableFile.makeDirectory("\(directory)/\(name)") }
            let version = try write(name, id, path, options, to: final + ".tmp", rejectedRows, threads, progress)
            var manifest = manifest
            manifest[name] = ListManifest.Entry(name: name, current: id, previous: isMending ? nil : old?.current)
            do throws(ListFailure) {
                if let current, Double(version.keys) < Double(current.keys) * options.limits.leastShare {
                    throw .shrunk(name: name, from: current.keys, to: version.keys)
                }
                let file = try Self.storage { () throws(SuppressionError) in
                    try DurableFile.rename(final + ".tmp", to: final)
                    return try KeyListFile(path: final)
                }
                var last = ListProgress()
                last.phase = .indexing
                guard progress(last) else { throw .cancelled }
                try move(to: manifest, adding: ["\(name)/\(id)": file])
            } catch {
                // Nothing names the version, unless it is in force without being recorded.
                if case .notRecorded = error { throw error }
                try? Self.removeUnnamed(directory, self.manifest)
                throw error
            }
            return .loaded(version, previous: current)
        }
    }

    /// Puts the version before the one in force in force again. Once more, and it is undone.
    public func rollback(_ name: String) throws(ListFailure) -> ListVersion {
        try exclusively { () throws(ListFailure) in
            var manifest = manifest
            guard let entry = manifest[name] else { throw .unknownList(name) }
            guard let previous = entry.previous else { throw .noPreviousVersion(name) }
            manifest[name] = ListManifest.Entry(name: name, current: previous, previous: entry.current)
            try move(to: manifest, adding: [:])
            return try Self.version(try file(name, previous))
        }
    }

    /// Ends a list: what it alone suppressed may be sent to from now on. Its versions are removed.
    public func remove(_ name: String) throws(ListFailure) {
        try exclusively { () throws(ListFailure) in
            var manifest = manifest
            guard manifest[name] != nil else { throw .unknownList(name) }
            manifest[name] = nil
            try move(to: manifest, adding: [:])
        }
    }

    /// Whether the file at `path` holds the bytes of `source`. Reads it when the lengths agree.
    private func isSame(
        _ path: String, as source: ListVersion.Source, _ progress: (ListProgress) -> Bool
    ) throws(ListFailure) -> Bool {
        let size = ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? NSNumber)?.int64Value
        guard size == source.bytes else { return false }
        var comparing = ListProgress()
        comparing.phase = .comparing
        comparing.totalBytes = source.bytes
        guard progress(comparing) else { throw .cancelled }
        return try ListSource.digest(of: path) == source.sha256
    }

    private func write(
        _ name: String, _ id: String, _ path: String, _ options: ListOptions, to temporary: String, _ rejectedRows: String?,
        _ threads: Int, _ progress: @escaping @Sendable (ListProgress) -> Bool
    ) throws(ListFailure) -> ListVersion {
        let rejects = try rejectedRows.map { (path) throws(ListFailure) in try RejectedListRowFile(path: path) }
        let reading = try ListReading(
            ListSource.open(path), KeyListWriter(temporary: temporary, secretID: index.secretID), options: options, rejects: rejects,
            report: progress)
        let totals = try reading.run(
            threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount, rules: rules, secret: secret)
        guard totals.progress.keys > 0, let writer = reading.takeWriter() else { throw .empty(path: path) }
        var sorting = totals.progress
        sorting.phase = .sorting
        guard progress(sorting) else { throw .cancelled }
        let source = ListVersion.Source(path: path, bytes: totals.progress.bytes, sha256: ListSource.hex(totals.digest))
        var version: ListVersion?
        do throws(SuppressionError) {
            try writer.finish { keys in
                let made = ListVersion(
                    name: name, id: id, source: source, options: options, rows: totals.progress.rows,
                    rejected: totals.progress.rejected, keys: keys, rules: rules.fingerprint, secretID: index.secretID,
                    createdAt: ListVersion.now())
                version = made
                // Numbers and strings alone: encoding them cannot fail.
                return (try? JSONEncoder().encode(made)).map(Array.init) ?? []
            }
        } catch {
            throw .storage(error)
        }
        guard let version else { throw .empty(path: path) }
        return version
    }

    /// Grows with each load; the random end tells apart versions of a list that was removed and made anew.
    private static func nextID(_ entry: ListManifest.Entry?) -> String {
        let numbers = [entry?.current, entry?.previous].compactMap { $0 }.compactMap { Int($0.prefix { $0 != "-" }) }
        let number = String((numbers.max() ?? 0) + 1)
        let padded = String(repeating: "0", count: max(0, 6 - number.count)) + number
        return padded + "-" + ListSource.hex(MessageAuthentication.randomBytes(4))
    }
}

extension ListOptions {
    func check() throws(ListFailure) {
        guard kind == .phone || kind == .email else { throw .badOptions("a list holds phone numbers or e-mail addresses") }
        guard !channels.isEmpty, channels.isSubset(of: .all) else { throw .badOptions("say which channels the list forbids") }
        guard (1...100).contains(reason.utf8.count) else { throw .badOptions("give a reason of 1 to 100 bytes, such as dnc") }
        guard columns.count <= ListRowScanner.columnLimit else {
            throw .badOptions("\(columns.count) columns are more than \(ListRowScanner.columnLimit)")
        }
        for case .number(let number) in columns where !(1...4096).contains(number) {
            throw .badOptions("columns are counted from 1 to 4096, and \(number) was asked for")
        }
        guard Set(columns).count == columns.count else { throw .badOptions("a column is named twice") }
        guard !joinsColumns || columns.count > 1 else { throw .badOptions("joining takes two columns or more") }
        guard program.map({ (1...200).contains($0.utf8.count) }) ?? true else { throw .badOptions("a program's name has 1 to 200 bytes") }
        if let separator {
            guard separator != 0x0a, separator != 0x0d, separator != ListRowScanner.quote else {
                throw .badOptions("a line end or a quote cannot separate columns")
            }
        }
    }
}
