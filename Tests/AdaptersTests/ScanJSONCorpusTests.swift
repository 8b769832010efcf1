import Adapters
import Testing

/// The categories of JSONTestSuite (Seriot, "Parsing JSON is a minefield"), written anew: what every parser must take, what
/// none may take, and what is left open, where we refuse.
@Suite struct ScanJSONCorpusTests {
    static let accepted: [String] = [
        "[[] ]", "[\"\"]", "[]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]", "[1,null,null,null,2]", "[2] ",
        "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000000000000000000000000000000000000000000000000001]", "[20e1]", "[-0]", "[-123]",
        "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]", "[123]", "[123.456789]", "[0]", "[0.0]",
        "[9223372036854775807]", "[-9223372036854775808]", "[18446744073709551615]",
        "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"asd\":\"sdf\"}", "{}", "{\"\":0}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }",
        "{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
        "{\"a\":[]}", "{\"title\":\"\\u041f\\u043e\\u043b\\u0442\\u043e\\u0440\\u0430\"}", "{\n\"a\": \"b\"\n}",
        "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
        "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]", "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]",
        "[ \"asd\"]", "[\"\\uDBFF\\uDFFF\"]", "[\"new\\u00A0line\"]", "[\"\u{10FFFF}\"]", "[\"\u{FFFF}\"]", "[\"\\u0000\"]", "[\"\\u002c\"]",
        "[\"\u{3c0}\"]", "[\"\u{1BFFF}\"]", "[\"asd \"]", "\" \"", "[\"\\uD834\\uDd1e\"]", "[\"\\u0821\"]", "[\"\\u0123\"]", "[\"\u{2028}\"]",
        "[\"\u{2029}\"]", "[\"\\u0061\\u30af\\u30EA\\u30b9\"]", "[\"new\\u000Aline\"]", "[\"\u{7f}\"]", "[\"\\uA66D\"]", "[\"\\u005C\"]",
        "[\"\u{2342}\u{3248}\u{2342}\"]", "[\"\\u200B\"]", "[\"\\u2064\"]", "[\"\\uFDD0\"]", "[\"\\uFFFE\"]", "[\"\\u0022\"]",
        "[\"\u{20ac}\u{1D11E}\"]", "[\"a\u{7f}a\"]", "[\"\u{feff}\"]", "false", "42", "-0.1", "null", "\"asd\"", "true", "\"\"",
        "[\"a\"]\n", "[true]", " [] ", "\t\r\n {} \t\r\n",
    ]

    @Test(arguments: accepted) func accepts(_ body: String) { #expect(jsonFault(body) == nil) }

    static let refused: [String] = [
        "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"", "[x", "[3[4]]", "[1:2]", "[,]", "[-]",
        "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[\"a\u{b}\"\\f]", "[*]", "[\"\"", "[1,", "[1,\n1\n,1", "[{}", "[fals]", "[nul]",
        "[tru]", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]", "[0.3e]",
        "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1 000.0]", "[1.0e+]", "[1.0e-]", "[1.0e]", "[1eE2]", "[2.e+3]", "[2.e-3]", "[2.e3]",
        "[9.e+]", "[Inf]", "[NaN]", "[\u{ff11}]", "[1+2]", "[0x1]", "[0x42]", "[Infinity]", "[0e+-1]", "[-123.123foo]", "[123\u{e5}]",
        "[-Infinity]", "[-foo]", "[- 1]", "[-012]", "[-.123]", "[-1x]", "[1ea]", "[1.]", "[.123]", "[1.2a-3]", "[1.8011670033376514H-308]",
        "[012]", "[\"x\", truth]", "{[: \"x\"}\n", "{\"x\", null}", "{\"x\"::\"b\"}", "{\u{1f1e8}\u{1f1ed}}", "{\"a\":\"a\" 123}", "{key: 'value'}",
        "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}", "{9999E9999:1}", "{null:null,null:null}", "{\"id\":0,,,,,}",
        "{'a':0}", "{\"id\":0,}", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}/**//", "{\"a\":\"b\"}//", "{\"a\":\"b\"}/", "{\"a\":\"b\",,\"c\":\"d\"}",
        "{a: \"b\"}", "{\"a\":\"a", "{ \"foo\" : \"bar\", \"a\" }", "{\"a\":\"b\"}#", " ", "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]",
        "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[\u{e9}]", "[\"\\x00\"]", "[\"\\\\\\\"]", "[\"\\\u{9}\"]", "[\"\\\u{1f300}\"]", "[\"\\\"]",
        "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]", "[\"\\uD800\\uD800\\x\"]", "[\"\\a\"]", "[\"\\uqqqq\"]", "[\\u0020\"asd\"]", "[\\n]", "\"",
        "['single quote']", "abc", "[\"\\", "[\"a\u{0}a\"]", "[\"new\nline\"]", "[\"\t\"]", "\"\\UA66D\"", "\"\"x", "[\u{2060}]", "<.>", "[<null>]",
        "[1]x", "[1]]", "[\"asd]", "a\u{e5}", "[True]", "1]", "{\"x\": true,", "[][]", "]", "\u{feff}{}", "\u{e5}", "[", "", "[\u{0}]", "2@", "{}}",
        "{\"\":", "{\"a\": /*comment*/ \"b\"}", "{\"a\": true} \"x\"", "['", "[,", "[{", "[\"a", "[\"a\"", "{", "{]", "{,", "{[", "{\"a", "{'a'",
        "[\"\\{[\"\\{[\"\\{[\"\\{", "*", "{\"a\":\"b\"}#{}", "[\\u000A\"\"]", "[1", "[ false, nul", "[ true, fals", "[ false, tru",
        "{\"asd\":\"asd\"", "\u{e5}", "[\u{c}]", "[\u{a0}1]", "nan", "TRUE", "tru", "undefined", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "[1;2]",
        "--1", "-", "1e", "1e+", "0.", "00", "01", "1_000", "[1}", "{\"a\":1]", "\u{2028}1", "//x\n1",
    ]

    @Test(arguments: refused) func refuses(_ body: String) { #expect(jsonFault(body) != nil) }

    /// Bytes that no Swift String can hold, and the open cases of the suite.
    static let refusedBytes: [[UInt8]] = [
        [0x5b, 0xff, 0x5d], [0x5b, 0x22, 0xff, 0x22, 0x5d], [0x5b, 0x22, 0xe5, 0x22, 0x5d],
        [0x5b, 0x31, 0xe5, 0x5d], [0x5b, 0x31, 0x65, 0x31, 0xe5, 0x5d], [0x5b, 0x61, 0xe5, 0x5d],
        // Overlong, surrogate, past the end, cut, bare continuation; raw UTF-16 with and without mark.
        quoted([0xc0, 0xaf]), quoted([0xc1, 0xbf]), quoted([0xe0, 0x80, 0xaf]), quoted([0xe0, 0x9f, 0xbf]), quoted([0xf0, 0x80, 0x80, 0xaf]),
        quoted([0xf0, 0x8f, 0xbf, 0xbf]), quoted([0xed, 0xa0, 0x80]), quoted([0xed, 0xbf, 0xbf]), quoted([0xf4, 0x90, 0x80, 0x80]),
        quoted([0xf8, 0x88, 0x80, 0x80, 0x80]), quoted([0xfc, 0x84, 0x80, 0x80, 0x80, 0x80]), quoted([0xe6, 0x97]), quoted([0x81]),
        quoted([0xc2]), quoted([0xf0, 0x9f, 0x98]), quoted([0xfe]), quoted([0xe2, 0x28, 0xa1]), quoted([0xc3, 0x28]),
        [0xff, 0xfe, 0x5b, 0, 0x22, 0, 0xe9, 0, 0x22, 0, 0x5d, 0], [0x5b, 0, 0x22, 0, 0x61, 0, 0x22, 0, 0x5d, 0],
        [0, 0x5b, 0, 0x22, 0, 0x61, 0, 0x22, 0, 0x5d], [0xef, 0xbb, 0xbf, 0x7b, 0x7d], [0xef, 0xbb, 0xbf], [0xef, 0xbb, 0x7b, 0x7d],
        Array("[123.456e-789]".utf8), Array("[0.4e00669999999999999999999999999999999999999999999999]".utf8), Array("[-1e+9999]".utf8),
        Array("[1.5e+9999]".utf8), Array("[-123123e100000]".utf8), Array("[123123e100000]".utf8), Array("[123e-10000000]".utf8),
        Array("[-123123123123123123123123123123]".utf8), Array("[100000000000000000000]".utf8), Array("[18446744073709551616]".utf8),
        Array("[-237462374673276894279832749832423479823246327846]".utf8), Array("{\"\\uDFAA\":0}".utf8), Array("[\"\\uDADA\"]".utf8),
        Array("[\"\\uD888\\u1234\"]".utf8), Array("[\"\\uD800\\n\"]".utf8), Array("[\"\\uDd1ea\"]".utf8), Array("[\"\\uD800\\uD800\\n\"]".utf8),
        Array("[\"\\ud800\"]".utf8), Array("[\"\\ud800abc\"]".utf8), Array("[\"\\uDd1e\\uD834\"]".utf8), Array("[\"\\uDFAA\"]".utf8),
        Array(String(repeating: "[", count: 500).utf8) + Array(String(repeating: "]", count: 500).utf8),
    ]

    static func quoted(_ bytes: [UInt8]) -> [UInt8] { [0x5b, 0x22] + bytes + [0x22, 0x5d] }

    @Test(arguments: refusedBytes) func refusesBytes(_ body: [UInt8]) { #expect(jsonFault(body) != nil) }

    /// Where the suite says yes and hardening.md 2.5 says no.
    @Test(arguments: [
        ("{\"a\":\"b\",\"a\":\"c\"}", BodyFault.Cause.duplicateKey), ("{\"a\":\"b\",\"a\":\"b\"}", .duplicateKey),
        ("{\"foo\\u0000bar\": 42}", .controlInKey),
    ])
    func stricterThanTheSuite(_ body: String, _ cause: BodyFault.Cause) { #expect(jsonFault(body)?.cause == cause) }

    /// Cut short anywhere, an accepted body is refused, unless what is left is a shorter number or only blanks went.
    @Test(arguments: accepted) func everyTruncationIsRefused(_ body: String) {
        let bytes = Array(body.utf8)
        let whole = bytes.prefix(bytes.lastIndex { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }.map { $0 + 1 } ?? 0)
        let isNumber = whole.first.map { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        for count in 0..<whole.count {
            let fault = jsonFault(Array(bytes[..<count]))
            if isNumber && count > 0 && whole[count - 1] &- 0x30 < 10 {
                #expect(fault == nil)
            } else {
                #expect(fault != nil, "cut to \(count) bytes")
                #expect((fault?.offset ?? 0) <= count)
            }
        }
    }
}
