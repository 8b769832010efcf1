public import Ledger
public import Lists
public import Policy
public import Recipients
import Suppression

/// Prepares another digest secret for an installation; the exchange is made at its next start.
public enum InstallationRotation {
    public static func prepare(
        _ order: RotationOrder, storage: Settings.Storage, ledger: PreferenceLedger, lists: ListStore, rules: NormalisationRules,
        progress: @escaping @Sendable (String, ListProgress) -> Bool
    ) throws -> RotationReceipt {
        let dropped = Set(order.dropLists ?? [])
        let secret = SecretRotation.NewSecret { $0.checkValue }
        try SecretRotation.prepare(
            SecretRotation.Paths(storage), secret: secret, lists: lists, rules: rules, sources: order.sources ?? [:], dropping: dropped,
            events: { secret, rebuild in try IndexLoader.addEvents(of: ledger, to: rebuild, secret) }, progress: progress)
        let kept = try lists.describe().filter { $0.isCurrent && !dropped.contains($0.version.name) }
        return RotationReceipt(lists: kept.map(\.version.name), droppedLists: dropped.sorted())
    }
}
