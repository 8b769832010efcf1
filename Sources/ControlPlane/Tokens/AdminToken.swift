public import Ledger

/// A bearer token of the admin API as it is kept: its digest and what it is good for. Nobody can tell the token from it.
public struct AdminToken: Codable, Equatable, Sendable {
    /// What audit log and ledger call the caller.
    public var name: String
    /// SHA-256 of the token, in hex.
    public var sha256: String
    public var scopes: [AdminScope]
    public var createdAt: String
    public var createdBy: String
    /// Good for ever when left out.
    public var expiresAt: String?
    public var revokedAt: String?
    public var revokedBy: String?

    public enum State: String, Codable, Sendable { case good, expired, revoked }

    public func state(at now: Timestamp) -> State {
        if revokedAt != nil { return .revoked }
        guard let expiresAt else { return .good }
        // What cannot be read is no reason to let somebody in.
        guard let end = Timestamp(expiresAt) else { return .expired }
        return now < end ? .good : .expired
    }

    func allows(_ scope: AdminScope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
