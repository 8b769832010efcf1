import Adapters
import Bytes
import Gate
import Policy
import Recipients
import Testing

@Suite struct GoldenTests {
    @Test func everyFileIsRead() {
        #expect(GoldenCase.all.count == GoldenCase.fileCount)
        #expect(GoldenCase.all.count > 40)
    }

    @Test(arguments: GoldenCase.all) func holds(_ golden: GoldenCase) throws {
        let host = try #require(golden.headers["host"])
        var out = RequestTarget()
        let route = Fixture.ruleset.routes.route(
            method: Array(golden.method.utf8).span, host: Array(host.utf8).span, target: Array(golden.target.utf8).span, into: &out)
        switch route {
        case .pass(_, let takesBody):
            #expect(golden.verdict == [takesBody ? "pass" : "pass without body"])
            #expect(String(decoding: out.bytes, as: UTF8.self) == String(decoding: golden.output, as: UTF8.self))
        case .refuse(let cause, let adapter):
            #expect(golden.verdict == ["refuse \(cause.status) \(cause.label)"])
            var answer = GrowableBytes()
            (adapter?.errors ?? .generic).appendRefusal(cause, into: &answer)
            #expect(String(decoding: answer.array, as: UTF8.self) == String(decoding: golden.output, as: UTF8.self))
        case .send(let adapter, let endpoint):
            try judge(golden, adapter, endpoint, out)
        }
    }

    private func judge(_ golden: GoldenCase, _ adapter: Adapter, _ endpoint: Endpoint, _ target: RequestTarget) throws {
        var inspector = Fixture.inspector()
        let signed = endpoint.signatureHeader.map { golden.headers[String(decoding: $0, as: UTF8.self)] != nil } ?? false
        let type = golden.headers["content-type"].map { Array($0.utf8) } ?? []
        let verdict = inspector.inspect(
            endpoint, contentType: golden.headers["content-type"] == nil ? nil : type.span,
            query: target.bytes.span.extracting(target.query), body: golden.body.span, isSigned: signed,
            suppressions: Fixture.suppressed)

        var lines: [String] = []
        var answer = GrowableBytes()
        switch verdict {
        case .allow: lines = ["allow"]
        case .strip:
            lines = ["strip"]
            inspector.appendRewritten(golden.body.span, into: &answer)
        case .reject:
            lines = ["reject \(endpoint.errors.suppressedStatus)"]
            inspector.appendSuppressed(auditID: [UInt8]().span, into: &answer)
        case .refuse(let cause):
            lines = ["refuse \(cause.status) \(cause.label)"]
            inspector.detail.withSpan { endpoint.errors.appendRefusal(cause, detail: $0, field: [UInt8]().span, into: &answer) }
        }
        if case .refuse = verdict {} else {
            for finding in inspector.recipients {
                let bytes = finding.source == .body ? golden.body : Array(target.bytes[target.query])
                let text = String(decoding: bytes[finding.span.range], as: UTF8.self)
                lines.append("\(finding.fate.label) \(finding.channel.name) \(text)")
            }
        }
        #expect(lines == golden.verdict)
        #expect(String(decoding: answer.array, as: UTF8.self) == String(decoding: golden.output, as: UTF8.self))
    }
}
