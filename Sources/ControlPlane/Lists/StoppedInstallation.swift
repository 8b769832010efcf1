import Foundation
public import Ledger
public import Lists
public import Policy
public import Recipients
import Suppression

/// The storage of an installation whose gate does not run, for commands that then work on it themselves. Holds the same locks as a
/// gate, so that none starts meanwhile.
public final class StoppedInstallation {
    public let ledger: PreferenceLedger
    public let lists: ListStore
    private let index: SuppressionIndex

    /// - Throws: what `stopgate serve` would give up for.
    public init(_ storage: Settings.Storage, rules: NormalisationRules) throws {
        for directory in [storage.directory, storage.indexDirectory] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try InstallationBackup.complete(storage)
        ledger = try PreferenceLedger(path: storage.ledgerFile)
        _ = try SecretRotation.complete(SecretRotation.Paths(storage))
        let secret = try DigestSecret(installation: storage.secretFile)
        index = try SuppressionIndex(directory: storage.indexDirectory, secretID: secret.checkValue)
        lists = try ListStore(directory: storage.listsDirectory, index: index, secret: secret, rules: rules, allowsBroken: true)
        if lists.problems.isEmpty { try lists.reconcile() }
    }
}
