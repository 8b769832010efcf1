/// A record about the log itself.
public struct AuditMark: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case segment(UInt64)
        /// A process began to write; `cut` bytes of a crash were moved to the file `kept`, `isRepair` says by an operator's leave.
        case open(cut: UInt64, kept: String?, isRepair: Bool)
        /// A process ended in good order.
        case close
        /// The wall clock was set by so many microseconds.
        case clock(step: Int64)
    }

    public var stamp: AuditStamp
    public var kind: Kind
}
