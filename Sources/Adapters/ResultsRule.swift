public import Bytes

/// How an answer gets results for what was taken out of a request, compiled from ``ResultsSpec``.
public struct ResultsRule: Sendable {
    /// The request's items.
    public let of: BodyPath
    /// The answer's list of results, or its map of them by recipient.
    public let at: BodyPath
    /// The status of answers that have results; `nil` for every 2xx.
    public let status: Int?
    private let blocked: [Piece]

    private enum Piece: Sendable {
        case text([UInt8])
        case recipient, auditID, uuid, message
    }

    init(_ spec: ResultsSpec) throws(AdapterProblem) {
        of = try BodyPath(spec.of, path: "of")
        at = try BodyPath(spec.at, path: "at")
        guard of.endsInItems || of.endsInMembers else { throw AdapterProblem("of", "must end in [*] or {*}: the items that are taken out") }
        guard at.endsInItems || at.endsInMembers else { throw AdapterProblem("at", "must end in [*] or {*}: the results that line up with them") }
        status = spec.status
        blocked = try Self.pieces(spec.blocked)
        guard status.map({ (200...299).contains($0) }) ?? true else { throw AdapterProblem("status", "must be 2xx") }
        var sample = GrowableBytes()
        append(recipient: "x".utf8.span, auditID: "0".utf8.span, uuid: "0".utf8.span, into: &sample)
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
    ///   - recipient: as it stands between the quotes of a JSON string, escapes and all.
    ///   - auditID, uuid: plain ASCII.
    public func append(recipient: Span<UInt8>, auditID: Span<UInt8>, uuid: Span<UInt8>, into out: inout GrowableBytes) {
        for piece in blocked {
            switch piece {
            case .text(let text): out.append(text.span)
            case .recipient: out.append(recipient)
            case .auditID: out.append(auditID)
            case .uuid: out.append(uuid)
            case .message: out.append("The recipient has opted out")
            }
        }
    }

    private static func pieces(_ text: String) throws(AdapterProblem) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            pieces.append(.text(Array(rest[..<open.lowerBound].utf8)))
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { throw AdapterProblem("blocked", "'{{' without '}}'") }
            switch rest[open.upperBound..<close.lowerBound] {
            case "recipient": pieces.append(.recipient)
            case "audit_id": pieces.append(.auditID)
            case "uuid": pieces.append(.uuid)
            case "message": pieces.append(.message)
            case let name: throw AdapterProblem("blocked", "unknown placeholder {{\(name)}}; there are recipient, audit_id, uuid and message")
            }
            rest = rest[close.upperBound...]
        }
        pieces.append(.text(Array(rest.utf8)))
        return pieces
    }
}
