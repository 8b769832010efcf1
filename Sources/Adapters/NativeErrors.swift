public import Bytes

/// A provider's error answers, ready to write.
///
/// A template is cut at its placeholders when the adapter is compiled; an answer is then pieces appended to a buffer.
public struct NativeErrors: Sendable {
    /// Which of the two answers.
    public enum Kind: Sendable { case suppressed, refused }

    private let suppressed: ErrorAnswer
    private let refused: ErrorAnswer
    /// By the raw value of the refusal.
    private let codes: [[UInt8]]
    private let suppressedCode: [UInt8]

    init(_ spec: ErrorsSpec) throws(AdapterProblem) {
        suppressed = try ErrorAnswer(spec.suppressed, isSuppressed: true, path: "suppressed")
        refused = try ErrorAnswer(spec.refused, isSuppressed: false, path: "refused")
        let labels = Set(Refusal.allCases.map { "\($0.label)" }).union(["default", "suppressed"])
        for name in spec.codes.keys.sorted() where !labels.contains(name) {
            throw AdapterProblem(
                "codes.\(name)", "no refusal has this name; there are \(labels.sorted().joined(separator: ", "))", word: name,
                among: labels.sorted())
        }
        let fallback = spec.codes["default"] ?? "null"
        codes = Refusal.allCases.map { Array((spec.codes["\($0.label)"] ?? fallback).utf8) }
        suppressedCode = Array((spec.codes["suppressed"] ?? fallback).utf8)
    }

    /// Stopgate's own dialect, for requests that belong to no provider.
    public static let generic: NativeErrors = {
        let body = #"{"error":"{{message}}","status":{{status}}}"#
        let spec = ErrorSpec(status: 403, contentType: "application/json", body: body)
        guard let errors = try? NativeErrors(ErrorsSpec(suppressed: spec, refused: spec)) else {
            preconditionFailure("the generic template is well formed")
        }
        return errors
    }()

    /// The HTTP status of the answer to a request whose every recipient is blocked.
    public var suppressedStatus: Int { suppressed.status }
    public var suppressedContentType: [UInt8] { suppressed.contentType }
    public var refusedContentType: [UInt8] { refused.contentType }

    // MARK: Headers

    /// How many headers an answer has beside Content-Type.
    public func headerCount(_ kind: Kind) -> Int { answer(kind).headers.count }

    /// In lower case.
    public func headerName(_ index: Int, _ kind: Kind) -> [UInt8] { answer(kind).headers[index].name }

    /// Whether the header repeats what the request has under its name (`{{same}}`), and is left out when it has none: some SDKs
    /// find the request that an answer belongs to by it.
    public func headerIsRepeated(_ index: Int, _ kind: Kind) -> Bool { answer(kind).headers[index].value.pieces == [.same] }

    /// Appends the value of one header.
    /// - Parameters:
    ///   - cause: why the request is refused; `nil` for ``Kind/suppressed``.
    ///   - auditID: the decision's id in the audit log; empty when there is none.
    public func appendHeader(_ index: Int, _ kind: Kind, cause: Refusal?, auditID: Span<UInt8>, into out: inout GrowableBytes) {
        let value = answer(kind).headers[index].value
        for piece in value.pieces { append(piece, of: value, kind, cause, auditID, into: &out) }
    }

    // MARK: Bodies

    /// Appends the body of the answer to a request whose every recipient is blocked.
    /// - Parameters:
    ///   - texts: the recipients as the sender wrote them, decoded, one behind the other.
    ///   - recipients: where each stands in `texts`.
    ///   - auditID: the decision's id in the audit log; empty when there is none.
    public func appendSuppressed(
        texts: Span<UInt8>, recipients: Span<ByteRange>, auditID: Span<UInt8>, into out: inout GrowableBytes
    ) {
        for piece in suppressed.body.pieces {
            switch piece {
            case .recipient:
                if !recipients.isEmpty { ErrorText.append(texts.extracting(recipients[0].range), escaped: suppressed.escape, into: &out) }
            case .each:
                for index in recipients.indices {
                    if index > 0, suppressed.escape == .json { out.append(UInt8(ascii: ",")) }
                    appendEach(texts.extracting(recipients[index].range), auditID, into: &out)
                }
            default: append(piece, of: suppressed.body, .suppressed, nil, auditID, into: &out)
            }
        }
    }

    private func appendEach(_ recipient: Span<UInt8>, _ auditID: Span<UInt8>, into out: inout GrowableBytes) {
        guard let each = suppressed.each else { return }
        for piece in each.pieces {
            if piece == .recipient {
                ErrorText.append(recipient, escaped: suppressed.escape, into: &out)
            } else {
                append(piece, of: each, .suppressed, nil, auditID, into: &out)
            }
        }
    }

    /// Appends the body of the answer to a refused request.
    /// - Parameters:
    ///   - cause: gives the sentence, the status and the provider's code.
    ///   - detail: bytes appended to the sentence after ": ", such as the name of a member; made harmless, cut at 400
    ///     bytes. Never pass an identifier: errors end in logs.
    ///   - field: the name of the faulty field; empty becomes `null`.
    ///   - auditID: the decision's id in the audit log; empty when there is none.
    public func appendRefusal(
        _ cause: Refusal, detail: Span<UInt8>, field: Span<UInt8>, auditID: Span<UInt8>, into out: inout GrowableBytes
    ) {
        for piece in refused.body.pieces {
            switch piece {
            case .message:
                out.append("Stopgate: ")
                out.append(cause.text)
                if !detail.isEmpty {
                    out.append(": ")
                    ErrorText.appendHarmless(detail, into: &out)
                }
            case .field where !field.isEmpty:
                let quote = refused.escape == .json
                if quote { out.append(UInt8(ascii: "\"")) }
                ErrorText.appendHarmless(field, into: &out)
                if quote { out.append(UInt8(ascii: "\"")) }
            default: append(piece, of: refused.body, .refused, cause, auditID, into: &out)
            }
        }
    }

    /// The same without a decision's id.
    public func appendRefusal(_ cause: Refusal, detail: Span<UInt8>, field: Span<UInt8>, into out: inout GrowableBytes) {
        let nothing: [UInt8] = []
        appendRefusal(cause, detail: detail, field: field, auditID: nothing.span, into: &out)
    }

    /// The same with nothing to add to the sentence.
    public func appendRefusal(_ cause: Refusal, into out: inout GrowableBytes) {
        let nothing: [UInt8] = []
        appendRefusal(cause, detail: nothing.span, field: nothing.span, into: &out)
    }

    private func answer(_ kind: Kind) -> ErrorAnswer { kind == .suppressed ? suppressed : refused }

    /// Whatever needs no text from the request.
    private func append(
        _ piece: ErrorTemplate.Piece, of template: ErrorTemplate, _ kind: Kind, _ cause: Refusal?, _ auditID: Span<UInt8>,
        into out: inout GrowableBytes
    ) {
        switch piece {
        case .literal(let range): out.append(template.text.span.extracting(range))
        case .status: out.append(decimal: cause?.status ?? answer(kind).status)
        case .code:
            let code = cause.map { codes[Int($0.rawValue)] } ?? suppressedCode
            out.append(code.span)
        case .message: out.append("The recipient has opted out")
        case .uuid: ErrorText.appendUUID(into: &out)
        case .auditID: ErrorText.appendHarmless(auditID, into: &out)
        case .field: out.append(answer(kind).escape == .json ? "null" : "")
        case .recipient, .each, .same: break
        }
    }
}
