import Adapters
import Bytes
import Gate

/// One send as the gate judged it, in a form that can be compared.
struct Judgement: Equatable {
    let verdict: Verdict
    let recipients: [RecipientFinding]
    let detail: [UInt8]
    /// The body that would go on.
    let forwarded: [UInt8]?

    init(
        _ endpoint: Endpoint, _ type: StaticString, query: UnsafeBufferPointer<UInt8>, body: UnsafeBufferPointer<UInt8>,
        _ inspector: inout Inspector
    ) throws(Violation) {
        let type = Array("\(type)".utf8)
        verdict = inspector.inspect(
            endpoint, contentType: type.span, query: query.span, body: body.span, isSigned: false, suppressions: Fixture.suppressed)
        detail = Array(inspector.detail.bytes)
        recipients = inspector.recipients
        if case .refuse = verdict {
            forwarded = nil
            return
        }
        try require(inspector.judge(Fixture.suppressed) == verdict, "a second judgement differs")
        try require(!recipients.isEmpty, "\(verdict) for nobody")
        for finding in recipients {
            let whole = finding.source == .body ? body.count : query.count
            try require(finding.span.range.upperBound <= whole, "a recipient at \(finding.span.range) of \(whole)")
            try require(finding.normalForm.range.upperBound <= inspector.normalForms.count, "a normal form out of place")
        }
        switch verdict {
        case .allow:
            try require(!recipients.contains { $0.fate == .blocked }, "allowed with a blocked recipient")
            forwarded = Array(body)
        case .strip:
            var out = GrowableBytes()
            inspector.appendRewritten(body.span, into: &out)
            forwarded = Array(out.bytes)
        case .reject, .refuse: forwarded = nil
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Splits `?query\nbody`; input that does not begin with a question mark is a body alone.
    var queryAndBody: (query: Self, body: Self) {
        guard first == UInt8(ascii: "?") else { return (rest(after: count), self) }
        let (line, body) = firstLine
        return (line.rest(after: 1), body)
    }
}
