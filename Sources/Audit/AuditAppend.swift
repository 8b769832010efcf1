/// What became of a record that was offered to a lane.
public enum AuditAppend: Equatable, Sendable {
    /// In the ring, and on its way to the disk after the next ``AuditLane/publish()``.
    case queued(AuditTicket)
    /// No room now. Publish, stop reading from clients, and offer the record again after a wake-up.
    case full
    /// Will never be taken: the log has failed, is closed, has run out of disk space (decisions only), or the record does
    /// not fit into the lane's ring. ``AuditLane/state`` tells which. The send must not go out.
    case refused
}
