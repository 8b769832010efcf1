@testable import Adapters
import Bytes
import Testing

@Suite struct PathTemplateTests {
    private func template(_ text: String, send: Bool = true) throws -> PathTemplate { try PathTemplate(text, ignoringFormat: send, path: "path") }

    @Test(arguments: [
        ("/v1/a", "/v1/a", true), ("/v1/a", "/v1/b", false), ("/v1/a", "/V1/A", true), ("/v1/a.json", "/v1/a.xml", true), ("/v1.0/a", "/v1.1/a", false),
        ("/v1/{x}", "/v1/a", true), ("/v1/{x}/b", "/v1/a", false), ("/v1/{x}.json", "/v1/a", true), ("/v1/{x}.json/b", "/v1/a/b", false),
        ("/v1/{x}", "/v1/{y}", true), ("/v1/{x}:send", "/v1/{y}:cancel", false), ("/v1/{x}:send", "/v1/{y}", true), ("/**", "/v1/a/b", true),
        ("/v1/**", "/v1", false), ("/v1/**", "/v2/a", false), ("/v1/a/**", "/v1/**", true),
        ("/v1/{a|b}", "/v1/b", true), ("/v1/{a|b}", "/v1/c", false), ("/v1/{a|b}", "/v1/{c|b}", true), ("/v1/{a|b}.json", "/v1/{x}", true), ("/", "/", true),
        ("/", "/a", false),
    ]) func overlapping(a: String, b: String, expected: Bool) throws {
        #expect(try template(a).overlaps(template(b)) == expected)
        #expect(try template(b).overlaps(template(a)) == expected)
    }

    @Test(arguments: [
        ("/v1/a", "/v1/a", true), ("/v1/{x}", "/v1/a", true), ("/v1/a", "/v1/{x}", false), ("/**", "/v1/a", true), ("/v1/a", "/**", false),
        ("/v1/**", "/v1/a/**", true), ("/v1/a/**", "/v1/**", false), ("/v1/{x}", "/v1/{y}.json", true), ("/v1/{x}.json", "/v1/{y}", false),
        ("/v1/{a|b}", "/v1/b", true), ("/v1/b", "/v1/{a|b}", false), ("/v1/{x}", "/v1/{a|b}", true), ("/v1/{a|b|c}", "/v1/{b|a}", true),
    ]) func covering(outer: String, inner: String, expected: Bool) throws {
        #expect(try template(outer).covers(template(inner, send: false)) == expected)
    }

    @Test func holesHaveNamesAndPlaces() throws {
        let path = try template("/3/device/{token}")
        #expect(path.segment(of: "token") == 2)
        #expect(path.segment(of: "tokens") == nil)
        for text in ["/3/device/abc", "/3/device/abc/"] {
            let bytes = Array(text.utf8)
            let matches = path.matchesLoosely(bytes.span), range = path.range(of: 2, in: bytes.span)
            #expect(matches && range == 10..<13)
        }
        let suffixed = try template("/v1/{number}.json/send")
        let bytes = Array("/v1/415.json/send".utf8)
        let range = suffixed.range(of: 1, in: bytes.span), none = suffixed.range(of: 1, in: Array("/".utf8).span)
        #expect(range == 4..<7 && none.isEmpty)
        #expect(try template("/{a}/{a}").segment(of: "a") == nil)
    }
}
