import Adapters
import Bytes
import Gate
import Recipients
import Testing

/// People who opted out, in encodings that a provider may undo and its documentation does not name.
@Suite struct FurtherDecodingTests {
    /// Spellings of gone@example.com, as they may stand in a JSON string.
    static let spellings = [
        "gone%40example.com", "%67%6f%6E%65%40example.com", "gone%2540example.com", "gone%252540example.com", "gone@example%2ecom", "gone%40example.com,x",
        "gone=40example.com", "gone&#64;example.com", "gone&#x40;example.com", "gone&#0064example.com", "gone&commat;example&period;com",
        "gone&amp;#64;example.com", #"gone\\u0040example.com"#, #"gone\\x40example.com"#, #"gone\\@example.com"#,
        "=?utf-8?q?gone=40example.com?=", "=?UTF-8?B?Z29uZUBleGFtcGxlLmNvbQ==?=", "=?iso-8859-1?Q?gone?= =?x?q?=40example.com?=", "=?utf-8?q?gone?=@example.com",
        "gone\u{ff20}example.com", "ｇｏｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "gone%EF%BC%A0example.com", "go\u{200b}ne@example.com", "gone@example\u{3002}com", "g%C2%ADone@example.com",
        "Z29uZUBleGFtcGxlLmNvbQ==", "Z29uZUBleGFtcGxlLmNvbQ", "Z29uZSU0MGV4YW1wbGUuY29t", "Z29uZUBleGFtcGxlLmNvbQ%3D%3D", "VG86IGdvbmVAZXhhbXBsZS5jb20",
        "mailto:gone%40example.com", "contact gone%40example.com!",
    ]

    private static func opaque(_ kind: IdentifierKind = .external) throws -> Endpoint {
        try LanguageFixture.endpoint(channels: [.sms, .email], mode: .single, [LanguageFixture.slot("to", kind) { $0.opaque = .allow }])
    }

    @Test(arguments: spellings) func anIdIsSearchedBehindItsEncodings(text: String) throws {
        #expect(try LanguageFixture.outcome(Self.opaque(), #"{"to":"\#(text)"}"#) == "refuse suppressed-elsewhere")
        #expect(try LanguageFixture.outcome(Self.opaque(.email), #"{"to":"\#(text)"}"#) == "refuse suppressed-elsewhere")
        let otherwise = try LanguageFixture.endpoint(channels: [.email], mode: .single, [LanguageFixture.mail("to") { $0.otherwise = .allow }])
        #expect(LanguageFixture.outcome(otherwise, #"{"to":"\#(text)"}"#).hasPrefix("refuse"))
    }

    @Test(arguments: [
        "%2B14155550100", "&#43;14155550100", "1415555%30100", "=2B14155550100", "KzE0MTU1NTUwMTAw", "１４１５５５５０１００", "=?utf-8?q?+14155550100?=",
    ]) func numbersToo(text: String) throws {
        #expect(try LanguageFixture.outcome(Self.opaque(), #"{"to":"\#(text)"}"#) == "refuse suppressed-elsewhere")
        let otherwise = try LanguageFixture.endpoint(mode: .single, [LanguageFixture.phone("to") { $0.otherwise = .allow }])
        #expect(LanguageFixture.outcome(otherwise, #"{"to":"\#(text)"}"#).hasPrefix("re"))
    }

    /// An address that is read as one person and may be decoded to another.
    @Test(arguments: spellings + ["%67one@example.com", "=67one@example.com", "&#103;one@example.com", "gone@%65xample.com", "go%6ee@example.com"])
    func anAddressNamesNobodyElseOnceDecoded(text: String) throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], [LanguageFixture.mail("to[*]")]) { $0.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)] }
        let outcome = LanguageFixture.outcome(endpoint, #"{"to":["ann@example.com","\#(text)"]}"#)
        #expect(outcome.hasPrefix("refuse") || outcome == #"{"to":["ann@example.com"]}"#)
    }

    @Test(arguments: [
        "user%2D17", "100%", "a=b&c=d", "%zz%4", #"C:\\users\\ann"#, "6f1ed002-ab5f-4b8a-9d8e-0123456789ab", "Z2lkOi8vc2hvcC9DdXN0b21lci8xNw==", "=?utf-8?q?Ann?=",
        "ann%40example.com", "&amp;&lt;&#1114112;&#;", "=?=?=?", "\u{ff21}nn", "=?utf-8?x?y?=",
    ]) func otherIdsPass(text: String) throws {
        #expect(try LanguageFixture.outcome(Self.opaque(), #"{"to":"\#(text)"}"#) == "allow")
    }

    @Test(arguments: ["bounce+ann=example.com@lists.example.com", "a&b@example.com", "a=40b@example.com", "ann@bücher.example"])
    func otherAddressesPass(text: String) throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], mode: .single, [LanguageFixture.mail("to")])
        #expect(LanguageFixture.outcome(endpoint, #"{"to":"\#(text)"}"#) == "allow")
    }

    @Test func riddlesAreRefused() throws {
        let endpoint = try LanguageFixture.endpoint(mode: .group, [LanguageFixture.slot("to[*]", .external) { $0.opaque = .allow }, LanguageFixture.phone("also")])
        func outcome(_ id: String) -> String {
            LanguageFixture.outcome(endpoint, #"{"to":[\#((0..<900).map { #""\#(id)\#($0)""# }.joined(separator: ","))]}"#)
        }
        #expect(outcome("u%2D") == "allow")
        #expect(outcome(#"%2525&amp;amp;=3D3D\\u005cu005c=?q?q?=3D?=%26amp;\#u{ff05}25"#) == "refuse body-too-complex")
    }

    @Test(arguments: [
        ("ann@example.com", Verdict.allow), ("ann%40example.com", .allow), ("gone@example.com", .reject), ("gone%40example.com", .reject),
        ("gone%2540example.com", .refuse(.recipientMalformed)), ("gone@example.com.json", .refuse(.recipientMalformed)),
        ("gone@example.com.XML", .refuse(.recipientMalformed)), ("gone@example.com%2Ehtml", .refuse(.recipientMalformed)),
        ("ann@example.com.csv", .refuse(.recipientMalformed)), ("%67one%2540x@example.com", .refuse(.recipientMalformed)), ("ann@json.org", .allow),
        ("%2567one@example.com", .refuse(.recipientMalformed)), ("%3D67one@example.com", .refuse(.suppressedElsewhere)),
    ]) func addressesInThePath(text: String, expected: Verdict) throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], mode: .single, [LanguageFixture.mail("to", required: true) { $0.location = .path }]) {
            $0.path = "/send/{to}"
            $0.formats = [.none]
        }
        var inspector = Fixture.inspector()
        let verdict = inspector.inspect(
            endpoint, path: "/send/\(text)".utf8.span, headers: NoHeaders(), contentType: nil, query: "".utf8.span, body: "".utf8.span, isSigned: false,
            suppressions: Fixture.suppressed)
        #expect(verdict == expected)
    }

    private struct NoHeaders: RequestHeaders {
        func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int { 0 }
    }

    /// Text with very many signs in it that are no addresses costs as much as its length and no more.
    @Test func attemptsHaveAnEnd() throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.email], mode: .single, [LanguageFixture.mail("to")])
        func outcome(_ count: Int) -> String {
            LanguageFixture.outcome(endpoint, #"{"to":"ann@example.com","x":"\#(String(repeating: "a@", count: count))a"}"#)
        }
        #expect(outcome(10_000) == "allow")
        #expect(outcome(60_000) == "refuse body-too-complex")
    }
}
