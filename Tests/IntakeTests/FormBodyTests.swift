import Testing

@testable import Intake

@Suite struct FormBodyTests {
    private func pairs(_ text: String) throws -> [String] {
        try FormBody(Array(text.utf8)).fields.map { String(decoding: $0.name, as: UTF8.self) + "=" + String(decoding: $0.value, as: UTF8.self) }
    }

    @Test(arguments: [
        ("", []), ("a=1&b=2", ["a=1", "b=2"]), ("a=1&a=2", ["a=1", "a=2"]), ("a", ["a="]), ("a=", ["a="]), ("=1", ["=1"]),
        ("&&a=1&", ["a=1"]), ("a=b=c", ["a=b=c"]), ("Body=STOP+now%21&From=%2B1415", ["Body=STOP now!", "From=+1415"]),
        ("a%3D=%26%2b", ["a==&+"]), ("%e2%9c%8b=x", ["✋=x"]),
    ] as [(String, [String])])
    func decodes(_ text: String, _ expected: [String]) throws {
        #expect(try pairs(text) == expected)
    }

    @Test(arguments: [
        ("a=%", FormBody.Problem.badEscape(offset: 2)), ("a=%4", .badEscape(offset: 2)), ("a=%zz", .badEscape(offset: 2)),
        ("%4&1=x", .badEscape(offset: 0)), ("a=b c", .unescapedByte(offset: 3)), ("a=b\n", .unescapedByte(offset: 3)),
        ("a=é", .unescapedByte(offset: 2)),
    ])
    func refuses(_ text: String, _ problem: FormBody.Problem) {
        #expect(throws: problem) { try FormBody(Array(text.utf8)) }
    }

    @Test func limitsHoldAtTheEdge() throws {
        let fields = Array(repeating: "a=1", count: FormBody.fieldLimit).joined(separator: "&")
        #expect(try FormBody(Array(fields.utf8)).fields.count == 1000)
        #expect(throws: FormBody.Problem.tooManyFields(limit: 1000)) { try FormBody(Array((fields + "&b=2").utf8)) }
        let largest = Array("a=".utf8) + [UInt8](repeating: 0x41, count: FormBody.sizeLimit - 2)
        #expect(try FormBody(largest).fields[0].value.count == FormBody.sizeLimit - 2)
        #expect(throws: FormBody.Problem.tooLarge(limit: FormBody.sizeLimit)) { try FormBody(largest + [0x41]) }
    }
}
