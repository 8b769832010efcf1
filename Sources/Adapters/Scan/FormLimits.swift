/// Bounds on one form body or query.
public struct FormLimits: Equatable, Sendable {
    public var fields = 1000
    /// Decoded bytes of a name.
    public var nameBytes = 256
    /// Decoded bytes of a value.
    public var valueBytes = 256 << 10

    public init() {}

    /// The defaults of docs/hardening.md section 1.
    public static let standard = FormLimits()
}
