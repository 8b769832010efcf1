import Adapters
import Bytes
import Gate

/// The headers of a golden case, whose names are in lower case.
struct GoldenHeaders: RequestHeaders {
    private let headers: [(name: String, value: String)]

    init(_ golden: GoldenCase) { headers = golden.headers.map { ($0.name, $0.value) } }

    func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int {
        let found = headers.filter { ASCIIText.equal($0.name.utf8.span, name) }
        if let first = found.first { out.append(first.value) }
        return found.count
    }

    func answer(_ match: RequestMatch) -> MatchAnswer {
        let found = headers.filter { $0.name == String(decoding: match.name, as: UTF8.self) }
        guard let first = found.first else { return .differs }
        return found.count > 1 ? .refused(.nameRepeated) : match.answer(Array(first.value.utf8).span)
    }
}
