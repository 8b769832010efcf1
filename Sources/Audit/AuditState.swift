/// How the log is doing, as every worker sees it.
public enum AuditState: Equatable, Sendable {
    case running
    /// The disk nears its limit: warn, and go on.
    case lowSpace
    /// The disk is at its limit: decisions are refused, so sends stop; outcomes and events are still taken.
    case outOfSpace
    /// A write or sync failed. Final: nothing is tried again on that file, the log has to be opened anew.
    case failed(AuditOperation, errno: Int32)
    /// Closed in good order.
    case closed

    /// Whether a send may be decided now.
    public var takesDecisions: Bool { self == .running || self == .lowSpace }

    /// Whether anything at all is still taken.
    public var takesRecords: Bool { takesDecisions || self == .outOfSpace }

    /// One word, so that it fits into an atomic: tag, operation, errno.
    var word: UInt64 {
        switch self {
        case .running: 0
        case .lowSpace: 1
        case .outOfSpace: 2
        case .failed(let operation, let errno): 3 | UInt64(operation.rawValue) << 8 | UInt64(UInt32(bitPattern: errno)) << 32
        case .closed: 4
        }
    }

    init(word: UInt64) {
        switch word & 0xff {
        case 0: self = .running
        case 1: self = .lowSpace
        case 2: self = .outOfSpace
        case 3:
            let operation = AuditOperation(rawValue: UInt8(truncatingIfNeeded: word >> 8)) ?? .write
            self = .failed(operation, errno: Int32(truncatingIfNeeded: word >> 32))
        default: self = .closed
        }
    }
}
