/// One kind of error answer, compiled.
struct ErrorAnswer: Sendable {
    /// Ignored for refusals, which have their cause's.
    let status: Int
    let contentType: [UInt8]
    /// Names in lower case.
    let headers: [(name: [UInt8], value: ErrorTemplate)]
    let body: ErrorTemplate
    /// Repeated at `{{each}}`.
    let each: ErrorTemplate?
    let escape: ErrorSpec.Escape

    /// Headers that the gate writes itself, or that would change what the answer is.
    private static let reserved: Set<String> = [
        "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "trailer", "upgrade", "date",
        "x-should-retry", "retry-after",
    ]

    /// - Parameters:
    ///   - isSuppressed: whether it answers that recipients are suppressed, and so knows who they are.
    ///   - path: where the answer stands in the adapter's file, for errors.
    init(_ spec: ErrorSpec, isSuppressed: Bool, path: String) throws(AdapterProblem) {
        if isSuppressed {
            let isError = (400...499).contains(spec.status) && spec.status != 408 && spec.status != 429
            guard isError || (200...299).contains(spec.status) else {
                throw AdapterProblem("\(path).status", "must be 4xx and neither 408 nor 429, which SDKs send again, or 2xx with 'each'")
            }
            guard isError || spec.each != nil else {
                throw AdapterProblem(
                    "\(path).status", "a 2xx answer tells the sender of success: say with 'each' what became of each recipient, or answer 4xx")
            }
        }
        status = spec.status
        contentType = try Self.fieldValue(spec.contentType, "\(path).content_type")
        escape = spec.escape ?? (spec.contentType.lowercased().contains("xml") ? .xml : .json)
        let common: [ErrorTemplate.Piece] = [.message, .status, .code, .uuid, .auditID]
        let forBody: [ErrorTemplate.Piece] = isSuppressed ? common + [.field, .recipient, .each] : common + [.field]
        body = try ErrorTemplate(spec.body, allowing: forBody, path: "\(path).body")
        each = try spec.each.map { text throws(AdapterProblem) in
            try ErrorTemplate(text, allowing: common + [.field, .recipient], path: "\(path).each")
        }
        guard body.has(.each) == (each != nil) else {
            throw AdapterProblem("\(path).\(each == nil ? "body" : "each")", "'each' and a body with {{each}} in it belong together")
        }
        var headers: [(name: [UInt8], value: ErrorTemplate)] = []
        for header in spec.headers {
            let name = RouteBytes.lower(header.name.utf8), place = "\(path).headers.\(header.name)"
            guard !name.isEmpty, name.allSatisfy({ RouteBytes.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) else {
                throw AdapterProblem(place, "must be a header's name: letters, digits and dashes")
            }
            let text = String(decoding: name, as: UTF8.self)
            guard !Self.reserved.contains(text), !text.hasPrefix("stopgate-") else {
                throw AdapterProblem(place, "the gate writes this header itself")
            }
            _ = try Self.fieldValue(header.value, place)
            headers.append((name, try ErrorTemplate(header.value, allowing: [.status, .code, .uuid, .auditID, .same], path: place)))
        }
        self.headers = headers
    }

    private static func fieldValue(_ text: String, _ path: String) throws(AdapterProblem) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw AdapterProblem(path, "must be printable ASCII")
        }
        return bytes
    }
}
