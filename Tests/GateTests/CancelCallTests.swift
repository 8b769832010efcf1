import Adapters
import Bytes
import Gate
import Recipients
import Testing

/// The call that takes a send for later back, with what it has from the send itself.
@Suite struct CancelCallTests {
    private func call(_ cancel: String, _ body: String, format: EndpointSpec.Format = .json, type: String = "application/json") throws -> String {
        let endpoint = try LanguageFixture.endpoint(mode: .single, [LanguageFixture.phone("to", required: true)]) {
            $0.formats = [format]
            $0.path = "/accounts/{account}/send.json"
            $0.data = ["batch", "deep"]
            $0.scheduled = ScheduledSpec(at: ["when"], policy: .allow, cancel: CallSpec(cancel))
        }
        var inspector = Fixture.inspector()
        let bytes = Array(body.utf8), type = Array(type.utf8), path = Array("/accounts/AC1/send.json".utf8)
        let verdict = inspector.inspect(
            endpoint, contentType: type.span, query: [UInt8]().span, body: bytes.span, isSigned: false, suppressions: Fixture.suppressed)
        #expect(verdict == .allow && inspector.isScheduled)
        var out = GrowableBytes()
        inspector.appendCancel(endpoint, path: path.span, bytes.span, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static let json = #"POST /accounts/{account}/cancel {"batch":"{body.deep.batch}","id":"{message_id}"}"#

    @Test func aValueOfTheBody() throws {
        let body = { (batch: String) in #"{"to":"+14155550142","when":1,"deep":{"batch":\#(batch)}}"# }
        #expect(try call(Self.json, body(#""b-1\u002e2""#)) == #"POST /accounts/AC1/cancel {"batch":"b-1.2","id":"{message_id}"}"#)
        #expect(try call(Self.json, body("17")) == #"POST /accounts/AC1/cancel {"batch":"17","id":"{message_id}"}"#)
    }

    @Test(arguments: ["null", "\"\"", #""a\"b""#, #""a/b""#, "[1]", "true"]) func withoutThatValueThereIsNoCall(value: String) throws {
        #expect(try call(Self.json, #"{"to":"+14155550142","when":1,"deep":{"batch":\#(value)}}"#) == "")
        #expect(try call(Self.json, #"{"to":"+14155550142","when":1}"#) == "")
    }

    @Test func aFieldOfAForm() throws {
        let cancel = "DELETE /batches/{body.batch}", form = "application/x-www-form-urlencoded"
        #expect(try call(cancel, "to=%2B14155550142&when=1&batch=b%2D7", format: .form, type: form) == "DELETE /batches/b-7")
        #expect(try call(cancel, "to=%2B14155550142&when=1", format: .form, type: form) == "")
        let parts = [("to", "+14155550142"), ("when", "1"), ("batch", "b-7")].map { "--x\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n" }
        #expect(try call(cancel, parts.joined() + "--x--\r\n", format: .multipart, type: "multipart/form-data; boundary=x") == "DELETE /batches/b-7")
    }

    @Test func holesThatHaveNoValue() {
        for cancel in ["DELETE /x/{batch}", "DELETE /x/{body.deep[*]}", "DELETE /x/{body.}"] {
            #expect(throws: AdapterProblem.self) { try call(cancel, "{}") }
        }
    }
}
