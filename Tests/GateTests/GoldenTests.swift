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
        let headers = GoldenHeaders(golden.headers)
        var route = Fixture.ruleset.routes.route(
            method: Array(golden.method.utf8).span, host: Array(host.utf8).span, target: Array(golden.target.utf8).span, into: &out
        ) { $0.source == .header ? headers.answer($0) : .unknown }
        if case .ask(let adapter, _) = route {
            var inspector = Fixture.inspector()
            inspector.beginChoice()
            let type = golden.headers["content-type"].map { Array($0.utf8) } ?? []
            route = adapter.decide(
                method: Array(golden.method.utf8).span, path: out.bytes.span.extracting(0..<out.pathCount),
                query: out.bytes.span.extracting(out.query)
            ) { match in
                if match.source == .header { return headers.answer(match) }
                return inspector.answer(
                    match, contentType: golden.headers["content-type"] == nil ? nil : type.span,
                    query: out.bytes.span.extracting(out.query), body: golden.body.span, limits: adapter.formLimits)
            }
        }
        switch route {
        case .ask: Issue.record("the body was there")
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
            endpoint, path: target.bytes.span.extracting(0..<target.pathCount), headers: GoldenHeaders(golden.headers),
            contentType: golden.headers["content-type"] == nil ? nil : type.span, query: target.bytes.span.extracting(target.query), body: golden.body.span, isSigned: signed,
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
                let bytes: [UInt8] =
                    switch finding.source {
                    case .body: golden.body
                    case .query: Array(target.bytes[target.query])
                    case .path: target.bytes
                    case .header: Array(golden.headers[headerName(finding, endpoint)]?.utf8 ?? "".utf8)
                    }
                let text = String(decoding: finding.source == .header ? bytes[...] : bytes[finding.span.range], as: UTF8.self)
                lines.append("\(finding.fate.label) \(finding.channel.name) \(text)")
            }
        }
        #expect(lines == golden.verdict)
        #expect(String(decoding: answer.array, as: UTF8.self) == String(decoding: golden.output, as: UTF8.self))
    }

    private func headerName(_ finding: RecipientFinding, _ endpoint: Endpoint) -> String {
        let slot = endpoint.headerSlots.first { $0.slot == Int(finding.slot) }
        return String(decoding: slot?.name ?? [], as: UTF8.self)
    }
}
