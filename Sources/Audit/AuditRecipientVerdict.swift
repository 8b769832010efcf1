/// The verdict on one recipient of a request.
public enum AuditRecipientVerdict: UInt8, CaseIterable, Sendable {
    case allow = 0
    case block
    /// The recipient could not be read or resolved; the request's own verdict says what followed.
    case unreadable

    public var name: String {
        switch self {
        case .allow: "allow"
        case .block: "block"
        case .unreadable: "unreadable"
        }
    }

    public init?(name: some StringProtocol) {
        guard let match = AuditRecipientVerdict.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
