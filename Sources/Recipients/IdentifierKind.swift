/// What kind of name a recipient goes by. The raw value is hashed into ``RecipientKey`` and stored on disk: never renumber.
public enum IdentifierKind: UInt8, CaseIterable, Sendable, Hashable {
    case phone = 1, email, pushToken, postal, external

    /// The name used in policies, the ledger, the audit log and on the command line.
    public var name: String {
        switch self {
        case .phone: "phone"
        case .email: "email"
        case .pushToken: "push-token"
        case .postal: "postal"
        case .external: "external"
        }
    }

    /// - Returns: `nil` when `name` is not a kind's ``name``.
    public init?(name: some StringProtocol) {
        guard let match = IdentifierKind.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
