/// Where a suppression comes from. The index keeps the two apart, so that taking away one leaves the other in force.
public enum SuppressionSource: UInt8, CaseIterable, Sendable, Hashable {
    /// An event of the ledger: somebody opted out.
    case event = 0
    /// A bulk list: the National DNC registry, a litigator list, an export of a CRM.
    case list = 1
}
