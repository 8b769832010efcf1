/// What a caller of the admin API may do. Whatever may let a message pass that was stopped before needs ``admin``.
public enum AdminScope: String, CaseIterable, Codable, Sendable {
    /// Look: checks, histories, listings, exports, status.
    case read
    /// Tighten: opt-outs, imports of opt-outs, links.
    case write
    /// Everything, the other two included: removals, unlinking, lists, reload, backups, the secret.
    case admin
}
