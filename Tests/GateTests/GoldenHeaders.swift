import Adapters
import Bytes
import Gate

/// The headers of a golden case, whose names are in lower case.
struct GoldenHeaders: RequestHeaders {
    let headers: [String: String]

    init(_ headers: [String: String]) { self.headers = headers }

    func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int {
        for (field, value) in headers where ASCIIText.equal(field.utf8.span, name) {
            out.append(value)
            return 1
        }
        return 0
    }

    func answer(_ match: RequestMatch) -> MatchAnswer {
        guard let value = headers[String(decoding: match.name, as: UTF8.self)] else { return .differs }
        return match.answer(Array(value.utf8).span)
    }
}
