import Ledger

/// What a verification of an installation found.
public struct VerificationReport: Codable, Equatable, Sendable {
    public var sound: Bool
    /// Events whose hashes and effects were checked.
    public var events: UInt64
    /// Keys of the index that were compared, one by one, with what ledger and lists say; `nil` when there was no index to compare.
    public var keys: Int?
    /// The ledger position of the comparison.
    public var comparedAt: UInt64?
    /// Lists whose files were checked.
    public var lists: Int
    /// One line for each contradiction, at most 100 of a kind; names nobody in plain.
    public var problems: [String]
    /// What is in order and worth knowing.
    public var notes: [String]

    init(_ ledger: LedgerVerification) {
        sound = ledger.isSound
        events = ledger.events
        lists = 0
        problems = ledger.problems
        notes = ledger.isReadable ? [] : ["lists and index were not compared: the ledger cannot be read; restore a backup"]
    }

    mutating func add(_ problem: String) {
        problems.append(problem)
        sound = false
    }
}
