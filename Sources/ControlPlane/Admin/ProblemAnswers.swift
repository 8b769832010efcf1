import HTTPTypes
import Hummingbird

/// Turns whatever a call throws into a ``Problem``, and gives every answer the fields that keep browsers from making something of it.
struct ProblemAnswers: RouterMiddleware {
    typealias Context = AdminContext

    /// The methods that a path takes; empty for a path that there is not.
    let methods: @Sendable (String) -> [HTTPRequest.Method]

    func handle(_ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try problem(error, request).response(from: request, context: context)
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        if let name = HTTPField.Name("referrer-policy") { response.headers[name] = "no-referrer" }
        return response
    }

    private func problem(_ error: any Error, _ request: Request) -> Problem {
        // The router's own word for a path or a method that there is not.
        guard let error = error as? HTTPError, error.status == .notFound else { return Problem(error) }
        let path = String(request.uri.path.prefix(200)), methods = methods(path)
        guard !methods.isEmpty else {
            return Problem(.notFound, "no such resource", "there is no \(path); docs/openapi.yaml names those there are")
        }
        let names = methods.map(\.rawValue).joined(separator: ", ")
        var problem = Problem(.methodNotAllowed, "no such method here", "\(path) takes \(names)")
        problem.headers[.allow] = names
        return problem
    }
}
