/// The place of one record in its lane, counted from 1. A record is on disk once its ticket is at or below
/// ``AuditLane/durable``.
public struct AuditTicket: Hashable, Comparable, Sendable {
    public let number: UInt64

    init(number: UInt64) { self.number = number }

    /// Below every ticket that a lane hands out.
    public static let none = AuditTicket(number: 0)

    public static func < (a: AuditTicket, b: AuditTicket) -> Bool { a.number < b.number }
}
