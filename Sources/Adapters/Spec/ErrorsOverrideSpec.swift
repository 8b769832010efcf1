/// What one endpoint's errors have otherwise than the adapter's.
public struct ErrorsOverrideSpec: Sendable {
    public var suppressed = ErrorOverrideSpec()
    public var refused = ErrorOverrideSpec()
    /// Over the adapter's, one by one.
    public var codes: [String: String] = [:]

    public init() {}

    func applied(to base: ErrorsSpec) -> ErrorsSpec {
        ErrorsSpec(
            suppressed: suppressed.applied(to: base.suppressed), refused: refused.applied(to: base.refused),
            codes: base.codes.merging(codes) { $1 })
    }
}
