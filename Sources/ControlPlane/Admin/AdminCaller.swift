import HTTPTypes

/// Who calls the admin API, and what he may do.
struct AdminCaller: Sendable {
    /// What the audit log calls him: `uid:1000` for a process on the socket, `token:NAME` for a token.
    let name: String
    /// `nil` for whoever may open the socket as the gate's own user: he may do everything.
    let token: AdminToken?

    func allows(_ scope: AdminScope) -> Bool { token?.allows(scope) ?? true }

    /// Throws a problem that says which scope is missing.
    func require(_ scope: AdminScope) throws {
        guard let token, !token.allows(scope) else { return }
        var problem = Problem(
            .forbidden, "the token's scope does not reach",
            "the token \(token.name) has the scope \(token.scopes.map(\.rawValue).joined(separator: ", ")), and this call needs \(scope.rawValue); "
                + "make another: stopgate token create --name NAME --scope \(scope.rawValue)")
        problem.requiredScope = scope.rawValue
        problem.tokenScopes = token.scopes.map(\.rawValue)
        problem.headers[.wwwAuthenticate] = "Bearer realm=\"stopgate\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
        throw problem
    }
}
