/// Why the ledger could not do what was asked.
public enum LedgerFailure: Error, Equatable, Sendable {
    /// The event breaks a rule; nothing of its batch was recorded.
    case rejected(EventRejection, eventID: String)
    /// Another event with this id says something else. Recording neither silently drops the second.
    case conflictingID(String)
    /// Another process has the ledger open for writing.
    case inUse(path: String)
    case cannotOpen(path: String, cause: String)
    /// A newer Stopgate wrote this file.
    case newerSchema(path: String)
    /// The file contradicts itself.
    case damaged(String)
    /// The disk is full. Nothing of the batch was recorded; later appends may work.
    case diskFull
    /// Another program (a database shell?) held the write lock for longer than we wait. Later appends may work.
    case busy
    /// A write or sync failed, and what is on disk is not known any more. Every append fails until the ledger is reopened.
    case storage(String)
}

extension LedgerFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .rejected(let rejection, let id): "event \(id): \(rejection)"
        case .conflictingID(let id): "an event with id \(id) exists and says something else; use a new id"
        case .inUse(let path):
            "\(path) is open for writing in another process (a running gate?); go through its admin socket, or stop it"
        case .cannotOpen(let path, let cause): "cannot open the ledger \(path): \(cause)"
        case .newerSchema(let path): "\(path) was written by a newer Stopgate; use that version"
        case .damaged(let what): "the ledger is damaged: \(what); restore a backup, or run `stopgate ledger verify` for the whole list"
        case .diskFull: "the ledger's disk is full; nothing was recorded"
        case .busy: "another program holds the ledger's write lock; nothing was recorded; close that program"
        case .storage(let what): "the ledger's storage failed (\(what)); nothing more is recorded until it is reopened"
        }
    }
}
