/// A set of channels in 16 bits, as the index and the snapshot file store it.
public struct ChannelSet: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(_ channel: Channel) { rawValue = 1 << UInt16(channel.rawValue) }

    /// Every channel there is.
    public static let all = ChannelSet(rawValue: 0xff)
    /// What one STOP by text covers by default: every use of the phone number for messages.
    public static let phoneMessages: ChannelSet = [.init(.sms), .init(.mms), .init(.rcs), .init(.whatsapp)]

    public func contains(_ channel: Channel) -> Bool { rawValue & (1 << UInt16(channel.rawValue)) != 0 }

    /// The members in the order of their bits.
    public var channels: [Channel] { Channel.allCases.filter(contains) }
}
