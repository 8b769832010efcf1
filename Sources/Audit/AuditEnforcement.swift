/// Whether a verdict took effect or was only written down.
public enum AuditEnforcement: UInt8, CaseIterable, Sendable {
    case enforce = 0
    case monitor

    public var name: String {
        switch self {
        case .enforce: "enforce"
        case .monitor: "monitor"
        }
    }

    public init?(name: some StringProtocol) {
        guard let match = AuditEnforcement.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
