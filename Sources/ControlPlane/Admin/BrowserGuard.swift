import HTTPTypes
import Hummingbird

/// Keeps web pages away from the loopback port: a page that has its own name resolve to 127.0.0.1 (DNS rebinding) is told by the
/// name, one that calls across origins by its Origin field. No answer carries a CORS field, so no page reads one.
struct BrowserGuard: RouterMiddleware {
    typealias Context = AdminContext

    static let names: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    func handle(_ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response) async throws -> Response {
        guard let authority = request.head.authority, Self.isOurs(authority), !request.headers.contains(where: { $0.name.canonicalName == "host" }) else {
            throw Problem(
                .misdirectedRequest, "another host's name", "this port answers to localhost, 127.0.0.1 and [::1]; use one of them in the URL", at: "host")
        }
        if let origin = request.headers[.origin], origin.lowercased() != "http://\(authority.lowercased())" {
            throw Problem(.forbidden, "another origin", "web pages of other origins may not call the admin API", at: "origin")
        }
        if let site = request.headers[.init("sec-fetch-site") ?? .origin], !["same-origin", "none"].contains(site.lowercased()) {
            throw Problem(.forbidden, "another origin", "web pages of other origins may not call the admin API", at: "sec-fetch-site")
        }
        return try await next(request, context)
    }

    /// Whether it is one of the names, with or without a port.
    static func isOurs(_ authority: String) -> Bool {
        let lower = authority.lowercased()
        if names.contains(lower) { return true }
        guard let colon = lower.lastIndex(of: ":"), names.contains(String(lower[..<colon])) else { return false }
        let port = lower[lower.index(after: colon)...]
        return !port.isEmpty && port.utf8.count <= 5 && port.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
