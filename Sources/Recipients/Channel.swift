/// A way of reaching a person. The raw value is the channel's bit in ``ChannelSet`` and is stored on disk: never renumber.
public enum Channel: UInt8, CaseIterable, Sendable, Hashable {
    case sms = 0, mms, rcs, whatsapp, voice, email, push, mail

    /// The name used in policies, the ledger, the audit log and on the command line.
    public var name: String {
        switch self {
        case .sms: "sms"
        case .mms: "mms"
        case .rcs: "rcs"
        case .whatsapp: "whatsapp"
        case .voice: "voice"
        case .email: "email"
        case .push: "push"
        case .mail: "mail"
        }
    }

    /// - Returns: `nil` when `name` is not a channel's ``name``.
    public init?(name: some StringProtocol) {
        guard let match = Channel.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
