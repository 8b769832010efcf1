public import Bytes

/// A provider's error answers, ready to write.
///
/// A template is cut at its placeholders when the adapter is compiled; an answer is then pieces appended to a buffer.
public struct NativeErrors: Sendable {
    public let suppressedStatus: Int
    public let suppressedContentType: [UInt8]
    /// The whole body of the answer to a request whose every recipient is blocked.
    public let suppressedBody: [UInt8]
    public let refusedContentType: [UInt8]
    private let refused: ErrorTemplate
    /// By the raw value of the refusal.
    private let codes: [[UInt8]]

    init(_ spec: ErrorsSpec) throws(AdapterProblem) {
        guard (400...499).contains(spec.suppressed.status), spec.suppressed.status != 408, spec.suppressed.status != 429 else {
            throw AdapterProblem("suppressed.status", "must be 4xx and neither 408 nor 429, which SDKs send again")
        }
        let suppressed = try ErrorTemplate(spec.suppressed.body, path: "suppressed.body")
        refused = try ErrorTemplate(spec.refused.body, path: "refused.body")
        suppressedStatus = spec.suppressed.status
        suppressedContentType = try Self.fieldValue(spec.suppressed.contentType, "suppressed.content_type")
        refusedContentType = try Self.fieldValue(spec.refused.contentType, "refused.content_type")

        let labels = Set(Refusal.allCases.map { "\($0.label)" }).union(["default", "suppressed"])
        for name in spec.codes.keys.sorted() where !labels.contains(name) {
            throw AdapterProblem("codes.\(name)", "no refusal has this name; there are \(labels.sorted().joined(separator: ", "))")
        }
        let fallback = spec.codes["default"] ?? "null"
        codes = Refusal.allCases.map { Array((spec.codes["\($0.label)"] ?? fallback).utf8) }

        var body: [UInt8] = []
        for piece in suppressed.pieces {
            switch piece {
            case .literal(let range): body += suppressed.text[range]
            case .message: body += Array("The recipient has opted out".utf8)
            case .status: body += Array(String(spec.suppressed.status).utf8)
            case .code: body += Array((spec.codes["suppressed"] ?? fallback).utf8)
            case .field: body += Array("null".utf8)
            }
        }
        suppressedBody = body
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

    /// Appends the body of the answer to a refused request.
    /// - Parameters:
    ///   - cause: gives the sentence, the status and the provider's code.
    ///   - detail: bytes appended to the sentence after ": ", such as the name of a member; made harmless, cut at 400
    ///     bytes. Never pass an identifier: errors end in logs.
    ///   - field: the name of the faulty field; empty becomes `null`.
    public func appendRefusal(
        _ cause: Refusal, detail: Span<UInt8>, field: Span<UInt8>, into out: inout GrowableBytes
    ) {
        for piece in refused.pieces {
            switch piece {
            case .literal(let range): out.append(refused.text.span.extracting(range))
            case .status: out.append(decimal: cause.status)
            case .code:
                let code = codes[Int(cause.rawValue)]
                out.append(code.span)
            case .message:
                out.append("Stopgate: ")
                out.append(cause.text)
                if !detail.isEmpty {
                    out.append(": ")
                    appendHarmless(detail, into: &out)
                }
            case .field:
                if field.isEmpty {
                    out.append("null")
                } else {
                    out.append(UInt8(ascii: "\""))
                    appendHarmless(field, into: &out)
                    out.append(UInt8(ascii: "\""))
                }
            }
        }
    }

    /// The same with nothing to add to the sentence.
    public func appendRefusal(_ cause: Refusal, into out: inout GrowableBytes) {
        let nothing: [UInt8] = []
        appendRefusal(cause, detail: nothing.span, field: nothing.span, into: &out)
    }

    /// Only printable ASCII that no quoting rule of JSON or XML knows goes out as it is; all else becomes `?`.
    private func appendHarmless(_ text: Span<UInt8>, into out: inout GrowableBytes) {
        for index in 0..<min(text.count, 400) {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                out.append(UInt8(ascii: "?"))
            case 0x20...0x7e: out.append(byte)
            default: out.append(UInt8(ascii: "?"))
            }
        }
    }

    private static func fieldValue(_ text: String, _ path: String) throws(AdapterProblem) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw AdapterProblem(path, "must be a media type in printable ASCII")
        }
        return bytes
    }
}
