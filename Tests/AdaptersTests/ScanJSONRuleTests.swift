import Adapters
import Testing

/// The rules and limits of hardening.md sections 1 and 2.5 one by one: at the limit accepted, one past it refused.
@Suite struct ScanJSONRuleTests {
    static let faults: [(String, BodyFault.Cause, Int)] = [
        ("", .emptyBody, 0), (" \n", .emptyBody, 2), ("\u{feff}1", .byteOrderMark, 0), ("{\"a\":1}x", .trailingBytes, 7),
        ("{} {}", .trailingBytes, 3), ("[1 2]", .unexpectedByte, 3), ("[1,]", .unexpectedByte, 3), ("{\"a\"", .truncated, 4),
        ("{\"a\":", .truncated, 5), ("[1,", .truncated, 3), ("\"a", .truncated, 2), ("tru", .truncated, 3), ("trux", .unexpectedByte, 3),
        ("\"\t\"", .controlInString, 1), ("\"ab\\x\"", .badEscape, 3), ("\"\\ud800\"", .loneSurrogate, 1), ("[01]", .badNumber, 1),
        ("[-x]", .badNumber, 2), ("[1.x]", .badNumber, 3), ("-", .truncated, 1), ("[1e999]", .numberOutOfRange, 1),
        ("{\"a\u{7f}\":1}", .controlInKey, 3), ("{\"\u{85}\":1}", .controlInKey, 2), ("{\"a\\n\":1}", .controlInKey, 3),
        ("{\"\\u007f\":1}", .controlInKey, 2), ("{\"\\u0000\":1}", .controlInKey, 2), ("{\"\\ud83d\":1}", .loneSurrogate, 2),
    ]

    @Test(arguments: faults) func namesTheRuleAndThePlace(_ body: String, _ cause: BodyFault.Cause, _ offset: Int) {
        #expect(jsonFault(body) == BodyFault(cause, at: offset))
        #expect(BodyFault(cause, at: offset).status == 400)
    }

    @Test func depth() {
        let at = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        let objects = String(repeating: "{\"a\":", count: 64) + "1" + String(repeating: "}", count: 64)
        #expect(jsonFault(at) == nil)
        #expect(jsonFault(objects) == nil)
        #expect(jsonFault("[" + at + "]") == BodyFault(.tooDeep, at: 64))
        #expect(jsonFault("{\"a\":" + objects + "}") == BodyFault(.tooDeep, at: 64 * 5))
        #expect(jsonFault(String(repeating: "[", count: 1 << 20))?.cause == .tooDeep)
    }

    @Test func elements() {
        func items(_ n: Int) -> String { "[" + Array(repeating: "1", count: n).joined(separator: ",") + "]" }
        func members(_ n: Int) -> String { "{" + (0..<n).map { "\"k\($0)\":1" }.joined(separator: ",") + "}" }
        func mixed(_ n: Int) -> String {
            "{\"a\":" + items(n / 2 - 1) + ",\"b\":" + members(n - n / 2 - 1) + "}"
        }
        let makers: [(Int) -> String] = [items, members, mixed]
        for make in makers {
            #expect(jsonFault(make(10_000)) == nil)
            #expect(jsonFault(make(10_001))?.cause == .tooManyElements)
        }
    }

    @Test func stringLength() {
        let limit = JSONLimits.standard.stringBytes
        #expect(limit == 256 << 10)
        #expect(jsonFault("\"" + String(repeating: "a", count: limit) + "\"") == nil)
        #expect(jsonFault("[\"" + String(repeating: "a", count: limit + 1) + "\"]") == BodyFault(.stringTooLong, at: 1))
        var mail = JSONLimits()
        mail.stringBytes = 1 << 20
        #expect(jsonFault("\"" + String(repeating: "a", count: 1 << 20) + "\"", mail) == nil)
        #expect(jsonFault("\"" + String(repeating: "a", count: 1 << 20 + 1) + "\"", mail)?.cause == .stringTooLong)
    }

    @Test func keyLength() {
        #expect(jsonFault("{\"" + String(repeating: "a", count: 1024) + "\":1}") == nil)
        #expect(jsonFault("{\"" + String(repeating: "a", count: 1025) + "\":1}") == BodyFault(.keyTooLong, at: 1))
    }

    @Test func numberLength() {
        #expect(jsonFault("[0." + String(repeating: "1", count: 62) + "]") == nil)
        #expect(jsonFault("[0." + String(repeating: "1", count: 63) + "]") == BodyFault(.numberTooLong, at: 1))
        #expect(jsonFault(String(repeating: "1", count: 100_000)) == BodyFault(.numberTooLong, at: 0))
    }

    @Test func keysOutsideOfPlainASCIIAreBounded() {
        func body(_ n: Int) -> String { "{" + (0..<n).map { "\"\u{e9}\(1_000_000 + $0)\":1" }.joined(separator: ",") + "}" }
        var limits = JSONLimits()
        limits.foldedKeyBytes = 9 * 100
        #expect(jsonFault(body(100), limits) == nil)
        #expect(jsonFault(body(101), limits)?.cause == .tooManyFoldedKeys)
    }

    @Test(arguments: ["1e307", "-9.99e307", "1e-307", "0e999999999999999999", "0.000e-999", "18446744073709551615", "-18446744073709551615"])
    func greatNumbersThatFit(_ number: String) { #expect(jsonFault(number) == nil) }

    @Test(arguments: ["1e308", "10e307", "1e-308", "0.1e-307", "1e99999999999999999999", "18446744073709551616", "-18446744073709551616"])
    func numbersThatDoNot(_ number: String) { #expect(jsonFault(number)?.cause == .numberOutOfRange) }

    /// Pairs of keys that some parser equates.
    static let alike: [(String, String)] = [
        ("a", "a"), ("to", "To"), ("to", "t\\u006f"), ("to", "\\u0054O"), ("to", " to"), ("to", "to "), ("to", "  TO  "),
        ("Content-Type", "content-type"), ("to", "\u{200b}to"), ("to", "t\u{ad}o"), ("to", "to\u{feff}"), ("to", "t\\u200bo"),
        ("to", "\u{ff54}\u{ff4f}"), ("to", "\\uff34\\uff2f"), ("sms", "\u{17f}m\u{17f}"), ("k", "\u{212a}"), ("to", "\u{a0}to"),
        ("to", "to\u{3000}"), ("\u{e9}", "e\u{301}"), ("\u{e9}", "\u{c9}"), ("stra\u{df}e", "STRASSE"), ("fi", "\u{fb01}"), ("2", "\u{b2}"),
        ("tel", "\u{2121}"), ("", " "), ("", "\u{200b}"), ("", "\\u2064"), ("\u{3b1}", "\u{391}"), ("\u{3c2}", "\u{3a3}"),
        ("\u{1f600}", "\\ud83d\\ude00"), ("e\u{200b}\u{301}", "\u{e9}"), ("\u{1d42d}\u{1d428}", "to"),
        ("to", "\u{e0001}to"), ("to", "to\u{fe0f}"), ("a/b", "a\\/b"),
    ]

    @Test(arguments: alike) func keysThatFoldAlikeAreDuplicates(_ a: String, _ b: String) {
        for (first, second) in [(a, b), (b, a)] {
            let body = "{\"\(first)\":1, \"\(second)\":2}"
            #expect(jsonFault(body) == BodyFault(.duplicateKey, at: first.utf8.count + 7, earlier: 1))
            // The same behind so many others that the table answers, and nested beside an object that holds the key as well.
            let many = (0..<40).map { "\"key number \($0)\":{\"\(first)\":0}" }.joined(separator: ",")
            #expect(jsonFault("[{\"\(first)\":1,\(many),\"\(second)\":2}]")?.cause == .duplicateKey)
            #expect(jsonFault("[{\"\(first)\":1,\(many)},{\"\(second)\":2}]") == nil)
            #expect(jsonFault("{\"\(first)\":{\"\(second)\":[{\"\(first)\":1}]}}") == nil)
        }
    }

    static let different: [(String, String)] = [
        ("a", "b"), ("a", "aa"), ("to", "t o"), ("to", "to_"), ("address_line_1", "address_line_2"), ("-to", "to"), ("i", "l"), ("0", "o"),
        ("\u{e9}", "e"), ("to", "\u{442}\u{43e}"), ("12345678a", "12345678b"), ("a12345678", "b12345678"), ("@", "`"), ("[", "{"),
    ]

    @Test(arguments: different) func otherKeysAreNot(_ a: String, _ b: String) {
        #expect(jsonFault("{\"\(a)\":1,\"\(b)\":2}") == nil)
        let many = (0..<40).map { "\"key number \($0)\":0" }.joined(separator: ",")
        #expect(jsonFault("{\"\(a)\":1,\(many),\"\(b)\":2}") == nil)
    }

    /// Whatever position the repeated key has, and on both sides of the change from comparing to hashing.
    @Test func aDuplicateIsFoundAtEveryDistance() {
        for n in 2...40 {
            for (i, j) in [(0, n - 1), (n / 2, n - 1), (n - 2, n - 1)] where i != j {
                var keys = (0..<n).map { "k\($0)" }
                keys[j] = keys[i].uppercased()
                let body = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
                #expect(jsonFault(body)?.cause == .duplicateKey, "\(n) keys, \(i) repeated at \(j)")
            }
        }
    }

    @Test func aTapeForgetsTheBodyBefore() throws {
        var tape = JSONTape()
        let big = Array(("{" + (0..<500).map { "\"k\($0)\":1" }.joined(separator: ",") + "}").utf8)
        for _ in 0..<3 { try tape.scan(big.span) }
        let bad = Array("{\"a\":[1,{\"b\":2".utf8)
        #expect(throws: BodyFault.self) { try tape.scan(bad.span) }
        #expect(tape.count == 0)
        try tape.scan(big.span)
        #expect(tape.count == 501)
    }
}
