import Hummingbird

/// Who calls the admin API.
struct AdminCaller: Sendable {
    /// What the audit log calls the caller where the call names nobody.
    let name: String
}

/// What travels with one call to the admin API.
struct AdminContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``SocketCredential``; without it nothing is allowed.
    var caller: AdminCaller?

    init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }

    /// Bytes of a JSON body.
    var maxUploadSize: Int { 1 << 20 }
}

/// Lets everybody in who may open the socket, which its file mode (0600) limits to the gate's own user. Tokens will be checked
/// here once there are any.
struct SocketCredential: RouterMiddleware {
    typealias Context = AdminContext

    func handle(_ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response) async throws -> Response {
        var context = context
        context.caller = AdminCaller(name: "admin-socket")
        return try await next(request, context)
    }
}

/// Turns whatever a call throws into a ``Problem``.
struct ProblemAnswers: RouterMiddleware {
    typealias Context = AdminContext

    func handle(_ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try Problem(error).response(from: request, context: context)
        }
    }
}
