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

    // MARK: Answers to suppressed requests

    private func errors(_ change: (inout ErrorSpec) -> Void) throws -> NativeErrors {
        var spec = AdapterFixture.spec()
        change(&spec.errors.suppressed)
        return try Adapter(spec).errors
    }

    private func suppressed(_ errors: NativeErrors, _ recipients: [String], auditID: String = "01AUDIT") -> String {
        var texts: [UInt8] = [], ranges: [ByteRange] = []
        for recipient in recipients {
            ranges.append(ByteRange(texts.count..<(texts.count + recipient.utf8.count)))
            texts += Array(recipient.utf8)
        }
        var out = GrowableBytes()
        errors.appendSuppressed(texts: texts.span, recipients: ranges.span, auditID: Array(auditID.utf8).span, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test func eachRecipientIsAnswered() throws {
        let errors = try errors {
            $0.status = 200
            $0.body = #"{"messages":[{{each}}],"id":"{{audit_id}}"}"#
            $0.each = #"{"to":"{{recipient}}","status":{{code}}}"#
        }
        #expect(errors.suppressedStatus == 200)
        #expect(suppressed(errors, ["+1", "a\"b\\c\u{1}é"]) == #"{"messages":[{"to":"+1","status":7},{"to":"a\"b\\c\u0001é","status":7}],"id":"01AUDIT"}"#)
        #expect(suppressed(errors, []) == #"{"messages":[],"id":"01AUDIT"}"#)
    }

    @Test func xmlIsEscapedAsXML() throws {
        let errors = try errors {
            $0.contentType = "text/xml; charset=utf-8"
            $0.body = "<Error><Code>OptedOut</Code><Message>{{recipient}}</Message></Error>"
            $0.headers = [HeaderSpec(name: "X-Amzn-RequestId", value: "{{uuid}}"), HeaderSpec(name: "x-amzn-ErrorType", value: "OptedOut {{status}}")]
        }
        #expect(suppressed(errors, ["<a&b>\"c'", "d"]) == "<Error><Code>OptedOut</Code><Message>&lt;a&amp;b&gt;&quot;c&#39;</Message></Error>")
        #expect(errors.headerCount(.suppressed) == 2 && errors.headerCount(.refused) == 0)
        #expect(errors.headerName(1, .suppressed) == Array("x-amzn-errortype".utf8))
        var values: [String] = []
        for index in [0, 0, 1] {
            var out = GrowableBytes()
            errors.appendHeader(index, .suppressed, cause: nil, auditID: [UInt8]().span, into: &out)
            values.append(String(decoding: out.bytes, as: UTF8.self))
        }
        #expect(values[2] == "OptedOut 400")
        #expect(values[0] != values[1])
        for value in values[..<2] { #expect(UUID(uuidString: value)?.uuidString.lowercased() == value && Array(value)[14] == "4") }
    }

    /// JSON braces beside a placeholder's own.
    @Test func bracesBesidePlaceholders() throws {
        let errors = try errors { $0.body = #"{"a":{"code":{{code}}},"b":{{{code}}}}"# }
        #expect(suppressed(errors, []) == #"{"a":{"code":7},"b":{7}}"#)
    }

    @Test func anEndpointHasItsOwn() throws {
        var spec = AdapterFixture.spec()
        var own = ErrorsOverrideSpec()
        own.suppressed.status = 422
        own.suppressed.body = #"{"own":{{code}}}"#
        own.codes = ["suppressed": "9"]
        spec.endpoints[1].errors = own
        let adapter = try Adapter(spec)
        #expect(adapter.endpoints[0].errors.suppressedStatus == 400)
        #expect(adapter.endpoints[1].errors.suppressedStatus == 422)
        #expect(suppressed(adapter.endpoints[1].errors, []) == #"{"own":9}"#)
        #expect(adapter.endpoints[1].errors.suppressedContentType == adapter.errors.suppressedContentType)
    }
}
