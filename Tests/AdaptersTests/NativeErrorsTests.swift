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
}
