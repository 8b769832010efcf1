/// Bounds on one JSON body. Sizes are raw bytes, as written between the quotes.
public struct JSONLimits: Equatable, Sendable {
    /// Greatest nesting of objects and arrays; at most 255.
    public var depth: UInt8 = 64
    /// Members and items in all.
    public var elements = 10_000
    /// Mail endpoints set this to their body limit: bodies and attachments travel in one string.
    public var stringBytes = 256 << 10
    public var keyBytes = 1024
    public var numberBytes = 64
    /// Keys with escapes or non-ASCII characters, in all: they take a slower comparison.
    public var foldedKeyBytes = 64 << 10

    public init() {}

    /// The defaults of docs/hardening.md section 1.
    public static let standard = JSONLimits()
}
