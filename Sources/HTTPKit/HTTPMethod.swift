/// A request method (RFC 9110 section 9, PATCH from RFC 5789). Methods are case-sensitive: `get` is ``other``.
public enum HTTPMethod: UInt8, CaseIterable, Sendable {
    case get, head, post, put, patch, delete, options, connect, trace
    /// A well-formed token that is none of the above; its text is in ``RequestHead/methodName``.
    case other

    /// Recognises a method. Never fails: unknown text is ``other``; whether it is a token is the parser's to check.
    public init(_ text: UnsafeBufferPointer<UInt8>) {
        self = .other
        guard let base = text.baseAddress else { return }
        switch text.count {
        case 3: if base.matches("GET") { self = .get } else if base.matches("PUT") { self = .put }
        case 4: if base.matches("POST") { self = .post } else if base.matches("HEAD") { self = .head }
        case 5: if base.matches("PATCH") { self = .patch } else if base.matches("TRACE") { self = .trace }
        case 6: if base.matches("DELETE") { self = .delete }
        case 7: if base.matches("OPTIONS") { self = .options } else if base.matches("CONNECT") { self = .connect }
        default: break
        }
    }

    /// The method's name on the wire; empty for ``other``.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: ""
        }
    }

    /// Whether a request of this method is expected to carry a body, so that an empty one is announced as
    /// `Content-Length: 0` (RFC 9110 section 8.6).
    public var expectsBody: Bool { self == .post || self == .put || self == .patch }
}
