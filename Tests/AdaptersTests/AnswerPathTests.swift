@testable import Adapters
import Testing

@Suite struct AnswerPathTests {
    static func find(_ path: String, _ json: String) throws -> String? {
        let bytes = Array(json.utf8)
        return try AnswerPath(path, path: "p").find(in: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test(arguments: [
        ("messages[0].message-id", #"{"message-count":"1","messages":[{"to":"1","message-id":"ab12","status":"0"}]}"#, "ab12"),
        ("[1].id", #"[{"id":"a"},{"id":"b"}]"#, "b"),
        ("[0][1]", "[[1,22]]", "22"),
        ("a.b.c", #" { "x":{"b":{"c":"no"}} , "a" : {"b":{"c": -1.5e3 }}}"#, "-1.5e3"),
        ("a", #"{"t":"\"a\":\"no\"","u":[{"a":"no"}],"a":"yes"#, nil),
        ("a", #"{"t":"\"a\":\"no\"","u":[{"a":"no"}],"a":"yes""#, "yes"),
        ("a", #"{"a":12"#, nil),
        ("a", #"{"a":12}"#, "12"),
        ("a", #"{"a":"x\u0041"}"#, nil),
        ("a", #"{"a":null}"#, nil), ("a", #"{"a":{"a":"x"}}"#, nil), ("a[0]", #"{"a":[]}"#, nil), ("a[2]", #"{"a":[1,2]}"#, nil),
        ("a", "", nil), ("a", "{", nil), ("a", #"{"b""#, nil), ("a", #"{"b":"#, nil), ("a", "[]", nil), ("a", "]]]]", nil), ("a", #"{"a""#, nil),
    ])
    func finds(_ path: String, _ json: String, _ expected: String?) throws {
        #expect(try Self.find(path, json) == expected)
    }

    /// An answer may break off anywhere.
    @Test func everyBeginningIsRead() throws {
        let json = #"{"a":[{"x":"\\\"","id":"first"},{"id":17}],"b":{"c":[1,2,{"d":"e"}]}}"#
        for count in 0...json.utf8.count {
            let cut = String(decoding: Array(json.utf8)[..<count], as: UTF8.self)
            for path in ["a[0].id", "a[1].id", "b.c[2].d", "b.c[1]"] {
                let found = try Self.find(path, cut), whole = try Self.find(path, json)
                #expect(found == nil || found == whole)
            }
        }
    }

    @Test(arguments: ["", "a..b", "a[", "a[x]", "a[-1]", "a[0]b", ".a", "a.", "a[10000]"])
    func refusesWhatIsNoPath(_ path: String) {
        #expect(throws: AdapterProblem.self) { try AnswerPath(path, path: "p") }
    }
}
