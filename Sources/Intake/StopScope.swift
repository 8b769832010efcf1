public import Recipients
public import Ledger

/// What one STOP by text covers: a decision of policy, which the law lets an organisation take wider than asked, not narrower.
public enum StopScope: String, CaseIterable, Sendable {
    /// The channel it came by; texts in all their forms (SMS, MMS, RCS) are one.
    case channel
    /// Every kind of message to the phone.
    case phoneMessages = "phone-messages"
    /// Messages and calls to the phone.
    case phone
    /// All marketing to the person, on every channel.
    case marketing
    /// Everything to the person, on every channel.
    case everything

    /// - Parameter arrival: the channel the text came by.
    public func channels(arrival: Channel) -> ChannelSet {
        switch self {
        case .channel: arrival == .sms || arrival == .mms || arrival == .rcs ? [.init(.sms), .init(.mms), .init(.rcs)] : .init(arrival)
        case .phoneMessages: .phoneMessages
        case .phone: [.phoneMessages, .init(.voice)]
        case .marketing, .everything: .all
        }
    }

    public var scope: PreferenceScope { self == .marketing ? .purpose("marketing") : .everything }

    public var reach: EventReach {
        switch self {
        case .channel, .phoneMessages, .phone: .identifier
        case .marketing, .everything: .person
        }
    }
}
