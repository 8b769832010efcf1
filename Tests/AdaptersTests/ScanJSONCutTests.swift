import Adapters
import Bytes
import Testing
import TestSupport

@Suite struct ScanJSONCutTests {
    /// `body` without the ranges, which have to ascend and not overlap.
    func cut(_ body: [UInt8], _ ranges: [ByteRange]) -> [UInt8] {
        var result: [UInt8] = []
        var at = 0
        for range in ranges {
            precondition(Int(range.lower) >= at)
            result += body[at..<Int(range.lower)]
            at = Int(range.upper)
        }
        return result + body[at...]
    }

    static let examples: [(String, [Int], String)] = [
        ("[1,2,3]", [1], "[2,3]"), ("[1,2,3]", [2], "[1,3]"), ("[1,2,3]", [3], "[1,2]"), ("[1,2,3]", [1, 2], "[3]"),
        ("[1,2,3]", [2, 3], "[1]"), ("[1,2,3]", [1, 3], "[2]"), ("[1,2,3]", [1, 2, 3], "[]"), ("[ 1 , 2 , 3 ]", [1], "[ 2 , 3 ]"),
        ("[ 1 , 2 , 3 ]", [2], "[ 1 , 3 ]"), ("[ 1 , 2 , 3 ]", [3], "[ 1 , 2 ]"), ("[ 1 ]", [1], "[  ]"),
        ("{\"a\":1, \"b\":[2,3], \"c\":4}", [2], "{\"a\":1, \"c\":4}"), ("{\"a\":1, \"b\":[2,3], \"c\":4}", [1], "{\"b\":[2,3], \"c\":4}"),
        ("{\"a\":1, \"b\":[2,3], \"c\":4}", [3, 5], "{\"a\":1, \"b\":[3]}"), ("{\"a\":1, \"b\":[2,3], \"c\":4}", [2, 3, 4], "{\"a\":1, \"c\":4}"),
        ("{\"a\":1, \"b\":[2,3], \"c\":4}", [1, 2, 3, 5], "{}"), ("{\"a\":1, \"b\":[2,3], \"c\":4}", [2, 3, 5], "{\"a\":1}"),
        ("{\"a\" :\n1\t}", [1], "{\t}"), ("[[1],[2]]", [2, 4], "[[],[]]"), ("[[1],[2]]", [1, 4], "[[]]"), ("[[1,2],3]", [3, 4], "[[1]]"),
        ("[[1,2]]", [3], "[[1]]"), ("[\"a,b\",\"]\"]", [2], "[\"a,b\"]"),
    ]

    @Test(arguments: examples) func cuts(_ text: String, _ cuts: [Int], _ expected: String) throws {
        let body = Array(text.utf8)
        var tape = JSONTape()
        try tape.scan(body.span)
        var ranges: [ByteRange] = []
        tape.appendCuts(cuts, in: body.span, to: &ranges)
        #expect(String(decoding: cut(body, ranges), as: UTF8.self) == expected)
    }

    /// Random documents, random cuts: the rest reads as the tape without the cut nodes, and nothing went but the cut elements,
    /// one comma for each, and blanks.
    @Test(arguments: 0..<40) func cutThenScanAgain(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var tape = JSONTape()
        var after = JSONTape()
        for _ in 0..<25 {
            let body = Array(RandomJSON.document(&random).utf8)
            try tape.scan(body.span)
            guard tape.count > 1 else { continue }
            let share = Int.random(in: 1...4, using: &random)
            let cuts = (1..<tape.count).filter { _ in Int.random(in: 0..<4, using: &random) < share }
            var ranges: [ByteRange] = []
            tape.appendCuts(cuts, in: body.span, to: &ranges)
            let rest = cut(body, ranges)
            try after.scan(rest.span)
            let expected = JSONTree(tape, 0, body, leavingOut: Set(cuts))
            #expect(JSONTree(after, 0, rest) == expected, "seed \(seed): \(String(decoding: body, as: UTF8.self)) cut \(cuts)")

            var isCut = Array(repeating: false, count: body.count)
            for node in cuts { for i in tape[node].start..<Int(tape[node].value.upper) { isCut[i] = true } }
            var commas = 0
            for range in ranges {
                for i in range.range where !isCut[i] {
                    if body[i] == UInt8(ascii: ",") { commas += 1 }
                    #expect([UInt8(ascii: ","), 0x20, 0x0a, 0x0d, 0x09].contains(body[i]))
                }
            }
            #expect(commas <= cuts.count)
            for (i, gone) in isCut.enumerated() where gone { #expect(ranges.contains { $0.range.contains(i) }) }
        }
    }
}

/// Documents that our own rules accept, with blanks, escapes and every kind of value.
enum RandomJSON {
    static func document(_ random: inout SeededGenerator) -> String { value(&random, 4) }

    private static func value(_ random: inout SeededGenerator, _ depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 12 : 7), using: &random) {
        case 0: "null"
        case 1: "true"
        case 2: "false"
        case 3: String(Int64.random(in: .min ... .max, using: &random))
        case 4: ["0", "-0", "1.5", "-2.25e3", "1E-7", "12345678901234567890"].randomElement(using: &random)!
        case 5, 6: string(&random)
        case 7, 8, 9:
            "[" + blank(&random)
                + (0..<Int.random(in: 0..<5, using: &random)).map { _ in value(&random, depth - 1) + blank(&random) }
                .joined(separator: "," + blank(&random)) + "]"
        default:
            "{" + blank(&random)
                + (0..<Int.random(in: 0..<5, using: &random)).map { i in
                    "\"\(["k", "\u{e9}", "\\u006b", "a b", "\\\""][i])\(i)\"" + blank(&random) + ":" + blank(&random)
                        + value(&random, depth - 1) + blank(&random)
                }.joined(separator: "," + blank(&random)) + "}"
        }
    }

    private static func string(_ random: inout SeededGenerator) -> String {
        let pieces = [
            "a", "long enough to pass a word or four of plain text, ", "\\n", "\\\"", "\\\\", "\\u0041", "\\ud83d\\ude00", "\u{e9}", "\u{20ac}",
            "\u{1f600}", "]", "}", ",", " ", "\u{7f}", "\\/",
        ]
        return "\"" + (0..<Int.random(in: 0..<6, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined() + "\""
    }

    private static func blank(_ random: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n", "\t ", "\r\n"].randomElement(using: &random)!
    }
}
