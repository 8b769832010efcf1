import Foundation
public import Suppression

extension ListStore {
    /// Names the state of the lists that are in force.
    public var manifestID: UInt64 { manifest.id }

    /// Adds everything that the lists in force suppress to a rebuild of some index under the same secret.
    /// - Returns: what names the state of the lists that was added (``manifestID``).
    public func add(to rebuild: SuppressionRebuild) throws(ListFailure) -> UInt64 {
        let manifest = manifest
        for entry in manifest.entries {
            let file = try file(entry.name, entry.current)
            let channels = try Self.version(file).channels
            try Self.storage { () throws(SuppressionError) in try rebuild.add(file, channels) }
        }
        return manifest.id
    }

    /// As ``add(to:)``, for a reader beside whoever has the lists open. Damage in a file is found by the rebuild's commit.
    public static func add(_ directory: String, to rebuild: SuppressionRebuild, secretID: UInt64) throws(ListFailure) -> UInt64 {
        let path = "\(directory)/\(ListManifest.fileName)"
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        let manifest = try ListManifest(path: path)
        for entry in manifest.entries {
            let file = try open(directory, entry.name, entry.current, secretID: secretID)
            let channels = try version(file).channels
            try storage { () throws(SuppressionError) in try rebuild.add(file, channels) }
        }
        return manifest.id
    }
}
