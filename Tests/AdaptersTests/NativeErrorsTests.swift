import Adapters
import Bytes
import Foundation
import Testing

@Suite struct NativeErrorsTests {
    /// Every refusal, with a hostile detail, is JSON in the provider's shape.
    @Test(arguments: Refusal.allCases) func everyRefusalIsJSON(cause: Refusal) throws {
        let adapter = try Adapter(AdapterFixture.spec())
        for errors in [adapter.errors, .generic] {
            var out = GrowableBytes()
            let detail = Array("\"},{\"\\u0000\n\u{e9}<script>&".utf8) + [0xff, 0x00]
            errors.appendRefusal(cause, detail: detail.span, field: detail.span, into: &out)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(out.bytes)) as? [String: Any])
            let message = try #require((object["m"] ?? object["error"]) as? String)
            #expect(message.hasPrefix("Stopgate: \(cause.text)"))
            #expect((object["s"] ?? object["status"]) as? Int == cause.status)
        }
    }

    /// SDKs send 408, 429 and 5xx again: the client's faults are never those.
    @Test func clientFaultsAreNotSentAgain() {
        let ours: Set<Refusal> = [
            .suppressionsUnavailable, .auditUnavailable, .overloaded, .draining, .upstreamUnreachable, .upstreamFailed, .upstreamTimeout,
            .internalFault,
        ]
        for cause in Refusal.allCases where !ours.contains(cause) {
            #expect((400...499).contains(cause.status) && cause.status != 408 && cause.status != 429, "\(cause)")
        }
        for cause in ours { #expect(cause.status >= 502) }
        #expect(Set(Refusal.allCases.map { "\($0.label)" }).count == Refusal.allCases.count)
    }

    @Test func anUnmatchedRequestSaysWhatToAddWhere() throws {
        let adapter = try Adapter(AdapterFixture.spec())
        var out = GrowableBytes()
        adapter.appendUnmatchedDetail(method: Array("POST".utf8).span, path: Array("/v1/Calls.json".utf8).span, into: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) == "if it sends nothing, add to pass in providers/acme.yaml the line - POST /v1/Calls.json")
    }

    private static func suppressed(_ change: (inout ErrorSpec) -> Void) throws -> NativeErrors {
        var spec = AdapterFixture.spec()
        change(&spec.errors.suppressed)
        return try Adapter(spec).errors
    }

    private static func answer(_ errors: NativeErrors, _ texts: [String], _ names: [String]) -> String {
        func ranges(_ parts: [String]) -> [ByteRange] {
            var at = 0
            return parts.map { part in
                defer { at += part.utf8.count }
                return ByteRange(at..<(at + part.utf8.count))
            }
        }
        var out = GrowableBytes()
        errors.appendSuppressed(
            texts: Array(texts.joined().utf8).span, recipients: ranges(texts).span, names: Array(names.joined().utf8).span,
            addresses: ranges(names).span, auditID: [UInt8]().span, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test func eachRecipientByNameAndAsWritten() throws {
        let errors = try Self.suppressed {
            $0.body = #"{"all":"{{each}}"}"#
            $0.each = "{{recipient}} is {{address}}"
            $0.separator = "; "
        }
        #expect(Self.answer(errors, ["\"A\" <A@x.org>", "b@x.org"], ["a@x.org", "b@x.org"]) == #"{"all":"\"A\" <A@x.org> is a@x.org; b@x.org is b@x.org"}"#)
        let commas = try Self.suppressed {
            $0.status = 200
            $0.body = "[{{each}}]"
            $0.each = #""{{address}}""#
        }
        #expect(Self.answer(commas, ["A@x.org", "b@x.org"], ["a@x.org", "b@x.org"]) == #"["a@x.org","b@x.org"]"#)
    }

    @Test func anAnswerThatSaysItInItsBody() throws {
        let errors = try Self.suppressed {
            $0.status = 200
            $0.body = #"{"sent":false,"to":"{{address}}"}"#
        }
        #expect(errors.suppressedStatus == 200)
        #expect(Self.answer(errors, ["A@x.org"], ["a@x.org"]) == #"{"sent":false,"to":"a@x.org"}"#)
        #expect(throws: AdapterProblem.self) { try Self.suppressed { $0.status = 500 } }
        #expect(throws: AdapterProblem.self) { try Self.suppressed { $0.separator = "," } }
    }
}
