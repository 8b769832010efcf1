/// What an index found in its directory when it was opened, and so what its owner has to do before it declares it ready.
public enum SnapshotStartup: Equatable, Sendable {
    /// No snapshot: every event of the ledger and every list must be applied.
    case none
    /// A sound snapshot: events after its position must be applied.
    case opened(ledgerPosition: UInt64)
    /// A damaged snapshot, put aside under the name given: as with ``none``.
    case damaged(SuppressionError, keptAs: String)
}
