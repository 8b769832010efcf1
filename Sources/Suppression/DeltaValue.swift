/// What the delta says about one key, in one word that is read and written whole: event channels in bits 0 to 7, list channels
/// in bits 8 to 15, and which of the two are set here rather than left to the snapshot (bits 16 and 17). A removal is a
/// source that is set and empty.
struct DeltaValue {
    static let event: UInt64 = 1 << 16
    static let list: UInt64 = 1 << 17
    static let both = event | list

    var word: UInt64

    /// Says nothing. Also the word of an empty slot.
    static let unset = DeltaValue(word: 0)

    @inline(__always)
    var saysAll: Bool { word & Self.both == Self.both }

    @inline(__always)
    var state: SuppressionState { SuppressionState(bits: UInt16(truncatingIfNeeded: word)) }

    func setting(_ source: SuppressionSource, to state: SuppressionState) -> DeltaValue {
        switch source {
        case .event: DeltaValue(word: word & ~0xff | UInt64(state.bits & 0xff) | Self.event)
        case .list: DeltaValue(word: word & ~0xff00 | UInt64(state.bits & 0xff00) | Self.list)
        }
    }

    /// This value where it speaks, `older` where it does not.
    @inline(__always)
    func over(_ older: DeltaValue) -> DeltaValue {
        var mask: UInt64 = 0
        if word & Self.event != 0 { mask |= 0xff | Self.event }
        if word & Self.list != 0 { mask |= 0xff00 | Self.list }
        return DeltaValue(word: word & mask | older.word & ~mask)
    }

    /// This value where it speaks, `state` where it does not.
    @inline(__always)
    func over(_ state: SuppressionState) -> SuppressionState {
        over(DeltaValue(word: UInt64(state.bits) | Self.both)).state
    }
}
