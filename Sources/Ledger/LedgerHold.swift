/// Holds a ledger's lock for as long as it lives, without opening the ledger: while its file is exchanged.
public final class LedgerHold: Sendable {
    private let lock: LedgerLock

    /// - Throws: ``LedgerFailure/inUse(path:)`` while a process has the ledger open for writing.
    public init(_ path: String) throws { lock = try LedgerLock(ledger: path) }
}
