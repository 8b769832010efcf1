import Foundation
import Suppression

extension ListStore {
    static let suffix = ".keys"

    static func path(_ directory: String, _ name: String, _ id: String) -> String { "\(directory)/\(name)/\(id)\(suffix)" }

    static func open(_ directory: String, _ name: String, _ id: String, secretID: UInt64) throws(ListFailure) -> KeyListFile {
        try storage { () throws(SuppressionError) in
            let file = try KeyListFile(path: path(directory, name, id))
            guard file.secretID == secretID else {
                throw .listOfOtherSecret(path: file.path, expected: secretID, found: file.secretID)
            }
            return file
        }
    }

    /// That the lists in `directory`, a copy of another installation's say, can be used under the secret that `secretID` names.
    /// - Returns: how many lists there are.
    @discardableResult
    public static func check(_ directory: String, secretID: UInt64) throws(ListFailure) -> Int {
        let entries = try ListManifest(path: "\(directory)/\(ListManifest.fileName)").entries
        for entry in entries {
            for id in [entry.current, entry.previous].compactMap({ $0 }) {
                let file = try open(directory, entry.name, id, secretID: secretID)
                try storage { () throws(SuppressionError) in try file.verify() }
            }
        }
        return entries.count
    }

    /// What a file of keys says of itself.
    static func version(_ file: KeyListFile) throws(ListFailure) -> ListVersion {
        do {
            return try JSONDecoder().decode(ListVersion.self, from: Data(file.info))
        } catch {
            throw .damaged(path: file.path, cause: "its description cannot be read, a newer Stopgate wrote it; use that version")
        }
    }

    /// Errors of the storage, as this module reports them.
    static func storage<T>(_ body: () throws(SuppressionError) -> T) throws(ListFailure) -> T {
        do throws(SuppressionError) {
            return try body()
        } catch {
            throw .storage(error)
        }
    }

    /// The manifest, made when the directory is new. One that is missing beside files of keys was lost.
    static func openManifest(_ directory: String) throws(ListFailure) -> ListManifest {
        let path = "\(directory)/\(ListManifest.fileName)"
        if FileManager.default.fileExists(atPath: path) { return try ListManifest(path: path) }
        let strays = files(directory)
        guard strays.isEmpty else {
            throw .damaged(
                path: path,
                cause: "it is missing, and there are \(strays.count) list files. Restore it from a backup, or move the directory away and "
                    + "load the lists again")
        }
        let manifest = ListManifest()
        try storage { () throws(SuppressionError) in
            try DurableFile.makeDirectory(directory)
            try DurableFile.replace(path, with: manifest.encoded(), temporary: path + ".tmp")
        }
        return manifest
    }

    /// All files of keys in the directory, as `NAME/ID`.
    static func files(_ directory: String) -> [String] {
        let manager = FileManager.default
        var found: [String] = []
        for name in (try? manager.contentsOfDirectory(atPath: directory)) ?? [] {
            for file in (try? manager.contentsOfDirectory(atPath: "\(directory)/\(name)")) ?? [] where file.hasSuffix(suffix) {
                found.append("\(name)/\(file.dropLast(suffix.count))")
            }
        }
        return found
    }

    /// Removes files of keys that the manifest does not name, unfinished ones, and the directories that become empty. Other files are
    /// left alone.
    static func removeUnnamed(_ directory: String, _ manifest: ListManifest) throws(ListFailure) {
        let named = Set(manifest.entries.flatMap { entry in [entry.current, entry.previous].compactMap { $0 }.map { "\(entry.name)/\($0)" } })
        let manager = FileManager.default
        try storage { () throws(SuppressionError) in
            try DurableFile.remove("\(directory)/\(ListManifest.fileName).tmp")
            for name in (try? manager.contentsOfDirectory(atPath: directory)) ?? [] {
                let folder = "\(directory)/\(name)"
                guard let files = try? manager.contentsOfDirectory(atPath: folder) else { continue }
                for file in files {
                    let isOld = file.hasSuffix(suffix) && !named.contains("\(name)/\(file.dropLast(suffix.count))")
                    if isOld || file.contains(suffix + ".tmp") { try DurableFile.remove("\(folder)/\(file)") }
                }
                if manifest[name] == nil, (try? manager.contentsOfDirectory(atPath: folder))?.isEmpty == true {
                    try? manager.removeItem(atPath: folder)
                }
            }
        }
    }
}

extension ListStore {
    /// Copies the lists as they are to a new directory, for a backup. No change runs meanwhile.
    public func copy(to target: String) throws(ListFailure) {
        try exclusively { () throws(ListFailure) in
            do {
                let manifest = manifest
                try DurableFile.makeDirectory(target)
                for entry in manifest.entries {
                    try DurableFile.makeDirectory("\(target)/\(entry.name)")
                    for id in [entry.current, entry.previous].compactMap({ $0 }) {
                        let path = Self.path(target, entry.name, id)
                        try FileManager.default.copyItem(atPath: Self.path(directory, entry.name, id), toPath: path)
                        guard let handle = FileHandle(forUpdatingAtPath: path) else { throw CocoaError(.fileReadUnknown) }
                        try handle.synchronize()
                        try KeyListFile(path: path).verify()
                    }
                }
                let path = "\(target)/\(ListManifest.fileName)"
                try DurableFile.replace(path, with: manifest.encoded(), temporary: path + ".tmp")
            } catch let error as SuppressionError {
                throw .storage(error)
            } catch {
                throw .unreadable(path: target, cause: "the lists cannot be copied: \(error.localizedDescription)")
            }
        }
    }
}
