public import Recipients

/// What the index holds for one key: the channels suppressed by events and those suppressed by lists.
public struct SuppressionState: Sendable, Hashable {
    /// Event channels in bits 0 to 7, list channels in bits 8 to 15.
    let bits: UInt16

    init(bits: UInt16) { self.bits = bits }

    /// - Precondition: both sets are within ``ChannelSet/all``; the index checks what it is given before it comes here.
    init(event: ChannelSet, list: ChannelSet) {
        bits = UInt16(UInt8(event.rawValue)) | UInt16(UInt8(list.rawValue)) << 8
    }

    static let none = SuppressionState(bits: 0)

    public var event: ChannelSet { ChannelSet(rawValue: bits & 0xff) }
    public var list: ChannelSet { ChannelSet(rawValue: bits >> 8) }

    /// The channels on which nothing may be sent.
    public var blocked: ChannelSet { event.union(list) }
    public var isEmpty: Bool { bits == 0 }

    public subscript(source: SuppressionSource) -> ChannelSet { source == .event ? event : list }

    /// How many entries of a snapshot the state takes: one per source.
    var entryCount: Int { (bits & 0xff == 0 ? 0 : 1) + (bits >> 8 == 0 ? 0 : 1) }

    func setting(_ source: SuppressionSource, to channels: ChannelSet) -> SuppressionState {
        source == .event ? .init(event: channels, list: list) : .init(event: event, list: channels)
    }
}
