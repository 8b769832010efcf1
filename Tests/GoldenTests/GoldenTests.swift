import Adapters
import Bytes
import Foundation
import Gate
import Policy
import Recipients
import Testing

/// Every file of Cases/ through the loader, the route table and the inspector.
@Suite struct GoldenTests {
    @Test func everyAdapterHasCases() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.providers.path).filter { $0.hasSuffix(".yaml") }
        #expect(Set(names.map { String($0.dropLast(5)) }) == Set(CaseFile.all.map(\.provider)))
        for file in CaseFile.all {
            let verdicts = file.cases.map(\.verdict)
            #expect(verdicts.contains("allow"), "\(file.provider) has no allowed case")
            #expect(verdicts.contains { $0.hasPrefix("reject") }, "\(file.provider) has no blocked case")
            #expect(Set(file.cases.map(\.name)).count == file.cases.count, "\(file.provider) has two cases of one name")
            let strips = Fixture.ruleset.routes.adapters.first { $0.provider == file.provider }?.endpoints.contains { $0.mode == .fanout } ?? false
            #expect(!strips || verdicts.contains("strip"), "\(file.provider) has no partly blocked case")
        }
    }

    @Test(arguments: GoldenCase.all) func holds(_ golden: GoldenCase) throws {
        var out = RequestTarget()
        let headers = GoldenHeaders(golden)
        var route = Fixture.ruleset.routes.route(
            method: Array(golden.method.utf8).span, host: Array(golden.host.utf8).span, target: Array(golden.target.utf8).span, into: &out
        ) { $0.source == .header ? headers.answer($0) : .unknown }
        if case .ask(let adapter, _) = route { route = choose(golden, adapter, out) }
        var answer = GrowableBytes()
        switch route {
        case .ask: Issue.record("the body was there")
        case .pass(let adapter, let takesBody):
            #expect(golden.verdict == (takesBody ? "pass" : "pass without body"))
            #expect(adapter.provider == golden.provider)
        case .refuse(let cause, let adapter):
            #expect(golden.verdict == "refuse \(cause.status) \(cause.label)")
            (adapter?.errors ?? .generic).appendRefusal(cause, into: &answer)
            if let answers = golden.answers { #expect(answer.text == answers) }
        case .send(let adapter, let endpoint):
            #expect(adapter.provider == golden.provider)
            try judge(golden, adapter, endpoint, out)
        }
    }

    /// Which call it is, once the body is there.
    private func choose(_ golden: GoldenCase, _ adapter: Adapter, _ target: RequestTarget) -> Route {
        var inspector = Inspector(normaliser: Normaliser(rules: .standard, secret: Fixture.secret))
        inspector.beginChoice()
        let headers = GoldenHeaders(golden)
        let type = golden.headers.first { $0.name == "content-type" }.map { Array($0.value.utf8) }
        let typeBytes = type ?? []
        return adapter.decide(
            method: Array(golden.method.utf8).span, path: target.bytes.span.extracting(0..<target.pathCount),
            query: target.bytes.span.extracting(target.query)
        ) { match in
            if match.source == .header { return headers.answer(match) }
            return inspector.answer(
                match, contentType: type == nil ? nil : typeBytes.span, query: target.bytes.span.extracting(target.query),
                body: golden.body.span, limits: adapter.formLimits)
        }
    }

    private func judge(_ golden: GoldenCase, _ adapter: Adapter, _ endpoint: Endpoint, _ target: RequestTarget) throws {
        var inspector = Inspector(normaliser: Normaliser(rules: .standard, secret: Fixture.secret))
        let signed = endpoint.signatureHeader.map { name in
            golden.headers.contains { $0.name == String(decoding: name, as: UTF8.self) }
        } ?? false
        let type = golden.headers.first { $0.name == "content-type" }.map { Array($0.value.utf8) }
        let typeBytes = type ?? []
        let verdict = inspector.inspect(
            endpoint, path: target.bytes.span.extracting(0..<target.pathCount), headers: GoldenHeaders(golden),
            contentType: type == nil ? nil : typeBytes.span, query: target.bytes.span.extracting(target.query), body: golden.body.span, isSigned: signed, suppressions: Fixture.suppressions(golden.suppressed))
        var answer = GrowableBytes()
        switch verdict {
        case .allow: #expect(golden.verdict == "allow")
        case .strip:
            #expect(golden.verdict == "strip")
            inspector.appendRewritten(golden.body.span, into: &answer)
            #expect(answer.text == golden.forwards)
        case .reject:
            #expect(golden.verdict == "reject \(endpoint.errors.suppressedStatus)")
            inspector.appendSuppressed(auditID: [UInt8]().span, into: &answer)
            #expect(answer.text.withFixedUUIDs == golden.answers)
        case .refuse(let cause):
            let detail = inspector.detail.text
            #expect(golden.verdict == "refuse \(cause.status) \(cause.label)", "\(detail)")
            inspector.detail.withSpan { endpoint.errors.appendRefusal(cause, detail: $0, field: [UInt8]().span, into: &answer) }
            if let answers = golden.answers { #expect(answer.text == answers) }
            return
        }
        if let recipients = golden.recipients {
            let found = inspector.recipients.map { finding in
                let bytes: [UInt8] =
                    switch finding.source {
                    case .body: golden.body
                    case .query: Array(target.bytes[target.query])
                    case .path: target.bytes
                    // Of a header it is not said where each recipient stands.
                    case .header: []
                    }
                let text = bytes.isEmpty ? endpoint.slots[Int(finding.slot)].at : String(decoding: bytes[finding.span.range], as: UTF8.self)
                return "\(finding.fate.label) \(finding.channel.name) \(text)"
            }
            #expect(found == recipients)
        }
    }
}

extension GrowableBytes {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension String {
    /// Random ids made alike, so that answers can be compared.
    var withFixedUUIDs: String {
        replacing(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/, with: "00000000-0000-4000-8000-000000000000")
    }
}
