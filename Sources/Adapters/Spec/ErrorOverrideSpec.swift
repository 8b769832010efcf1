/// What one endpoint's error answer has otherwise than the adapter's; `nil` is as there.
public struct ErrorOverrideSpec: Sendable {
    public var status: Int?
    public var contentType: String?
    public var body: String?
    public var headers: [HeaderSpec]?
    public var escape: ErrorSpec.Escape?
    public var each: String?

    public init() {}

    /// The whole answer.
    func applied(to base: ErrorSpec) -> ErrorSpec {
        var spec = base
        if let status { spec.status = status }
        if let contentType { spec.contentType = contentType }
        // What is repeated belongs to the body it is repeated in.
        if let body {
            spec.body = body
            spec.each = nil
        }
        if let headers { spec.headers = headers }
        if let escape { spec.escape = escape }
        if let each { spec.each = each }
        return spec
    }
}
