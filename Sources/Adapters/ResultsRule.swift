public import Bytes

/// How an answer gets results for what was taken out of a request, compiled from ``ResultsSpec``.
public struct ResultsRule: Sendable {
    /// The request's items.
    public let of: BodyPath
    /// The answer's list of results, or its map of them by recipient.
    public let at: BodyPath
    /// The status of answers that have results; `nil` for every 2xx.
    public let status: Int?
    private let blocked: ErrorTemplate

    init(_ spec: ResultsSpec) throws(AdapterProblem) {
        of = try BodyPath(spec.of, path: "of")
        at = try BodyPath(spec.at, path: "at")
        guard of.endsInItems || of.endsInMembers else { throw AdapterProblem("of", "must end in [*] or {*}: the items that are taken out") }
        guard at.endsInItems || at.endsInMembers else { throw AdapterProblem("at", "must end in [*] or {*}: the results that line up with them") }
        status = spec.status
        blocked = try ErrorTemplate(spec.blocked, allowing: [.recipient, .uuid, .auditID, .message], path: "blocked")
        guard status.map({ (200...299).contains($0) }) ?? true else { throw AdapterProblem("status", "must be 2xx") }
        var sample = GrowableBytes()
        append(recipient: "x".utf8.span, auditID: "0".utf8.span, into: &sample)
        var tape = JSONTape()
        let isJSON = sample.withSpan { text in
            do throws(BodyFault) {
                try tape.scan(text)
                return true
            } catch { return false }
        }
        guard isJSON else { throw AdapterProblem("blocked", "must be one JSON value, with placeholders inside of its texts") }
    }

    /// Appends the result of one item that was taken out.
    /// - Parameters:
    ///   - recipient: as it may stand between the quotes of a JSON string.
    ///   - auditID: plain ASCII.
    public func append(recipient: Span<UInt8>, auditID: Span<UInt8>, into out: inout GrowableBytes) {
        for piece in blocked.pieces {
            switch piece {
            case .literal(let range): out.append(blocked.text.span.extracting(range))
            case .recipient: out.append(recipient)
            case .auditID: out.append(auditID)
            case .uuid: ErrorText.appendUUID(into: &out)
            case .message: out.append("The recipient has opted out")
            case .status, .code, .field, .each, .same: break
            }
        }
    }
}
