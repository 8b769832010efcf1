/// Bounds on one multipart body. Sizes are bytes.
public struct MultipartLimits: Equatable, Sendable {
    public var parts = 1000
    /// One part's head, from its delimiter to the blank line.
    public var headBytes = 4096
    public var nameBytes = 256

    public init() {}

    /// The defaults of docs/hardening.md section 1.
    public static let standard = MultipartLimits()
}
