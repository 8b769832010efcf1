import Adapters
import Bytes
import Testing

@Suite struct ScanContentTypeTests {
    /// Parses and tells the cause of a refusal.
    func parse(_ text: String) -> Result<ContentType, BodyFault> {
        let bytes = Array(text.utf8)
        do throws(BodyFault) { return .success(try ContentType.parse(bytes.span)) } catch { return .failure(error) }
    }

    static let types: [(String, ContentType.Media, ContentType.Charset)] = [
        ("application/json", .json, .absent),
        ("application/json; charset=utf-8", .json, .utf8),
        ("application/json;charset=\"UTF-8\"", .json, .utf8),
        ("Application/JSON ; Charset=Utf8;", .json, .utf8),
        (" application/json\t", .json, .absent),
        ("application/vnd.api+json", .json, .absent),
        ("application/x-amz-json-1.1", .json, .absent),
        ("application/x-www-form-urlencoded; charset=UTF-8", .form, .utf8),
        ("application/x-www-form-urlencoded;charset=us-ascii", .form, .usASCII),
        ("text/plain", .text, .absent),
        ("text/xml; charset=utf-8", .xml, .utf8),
        ("application/soap+xml", .xml, .absent),
        ("application/octet-stream", .other, .absent),
        ("multipart/mixed", .other, .absent),
    ]

    @Test(arguments: types) func reads(_ text: String, _ media: ContentType.Media, _ charset: ContentType.Charset) throws {
        let type = try parse(text).get()
        #expect(type.media == media)
        #expect(type.charset == charset)
        #expect(type.boundary == nil)
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"),
        ("multipart/form-data; boundary=\"a b:c=?\"; charset=utf-8", "a b:c=?"),
        ("multipart/form-data; BOUNDARY=----WebKitFormBoundary7MA4YWxk", "----WebKitFormBoundary7MA4YWxk"),
        ("multipart/form-data; boundary=" + String(repeating: "x", count: 70), String(repeating: "x", count: 70)),
    ])
    func boundary(_ text: String, _ expected: String) throws {
        let type = try parse(text).get()
        let range = try #require(type.boundary).range
        #expect(type.media == .multipart)
        #expect(Array(text.utf8)[range].elementsEqual(expected.utf8))
    }

    static let bad: [(String, BodyFault.Cause)] = [
        ("", .badContentType), ("application", .badContentType), ("application/", .badContentType),
        ("/json", .badContentType), ("application/json, text/plain", .badContentType), ("application/json x", .badContentType),
        ("application/json; charset", .badContentType), ("application/json; charset=", .badContentType),
        ("application/json; charset=\"utf-8", .badContentType), ("application/json; charset=\"utf\\-8\"", .badContentType),
        ("application/json;; charset=utf-8", .badContentType), ("application/json; charset =utf-8", .badContentType),
        ("application/js\u{f6}n", .badContentType),
        ("application/json; charset=utf-16", .unsupportedCharset), ("application/json; charset=utf-7", .unsupportedCharset),
        ("application/json; charset=iso-8859-1", .unsupportedCharset), ("text/plain; charset=ibm037", .unsupportedCharset),
        ("application/json; charset=\"\"", .unsupportedCharset), ("application/json; charset=\" utf-8\"", .unsupportedCharset),
        ("application/json; charset=utf-8; charset=utf-8", .repeatedParameter),
        ("application/json; charset=us-ascii; charset=utf-16", .repeatedParameter),
        ("application/json; version=1", .unsupportedParameter), ("application/json; boundary=x", .unsupportedParameter),
        ("application/json; charset*=utf-8''utf-16", .unsupportedParameter),
        ("multipart/form-data", .badBoundary), ("multipart/form-data; boundary=\"\"", .badBoundary),
        ("multipart/form-data; boundary=\"a \"", .badBoundary), ("multipart/form-data; boundary=\"a;b\"", .badBoundary),
        ("multipart/form-data; boundary=" + String(repeating: "x", count: 71), .badBoundary),
        ("multipart/form-data; boundary=a; boundary=a", .repeatedParameter),
    ]

    @Test(arguments: bad) func refuses(_ text: String, _ cause: BodyFault.Cause) {
        guard case .failure(let fault) = parse(text) else {
            Issue.record("accepted")
            return
        }
        #expect(fault.cause == cause)
        #expect(fault.status == 415)
        #expect(fault.offset <= text.utf8.count)
    }
}
