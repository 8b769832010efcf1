/// Bounds on the head of one MIME message. Sizes are bytes.
public struct MIMELimits: Equatable, Sendable {
    public var headBytes = 256 << 10
    public var headers = 500
    /// One line without its end: RFC 5322 section 2.1.1. Servers cut longer ones apart.
    public var lineBytes = 998

    public init() {}

    /// The defaults of docs/hardening.md section 1.
    public static let standard = MIMELimits()
}
