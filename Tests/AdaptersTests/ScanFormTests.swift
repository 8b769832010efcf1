import Adapters
import Bytes
import Testing
import TestSupport

@Suite struct ScanFormTests {
    func fault(_ body: [UInt8], _ limits: FormLimits = .standard) -> BodyFault? {
        var tape = FormTape()
        do throws(BodyFault) {
            try tape.scan(body.span, limits: limits)
            return nil
        } catch {
            precondition(tape.count == 0)
            return error
        }
    }

    func fault(_ body: String, _ limits: FormLimits = .standard) -> BodyFault? { fault(Array(body.utf8), limits) }

    /// The decoded fields of `body`.
    func fields(_ body: String) throws -> [String] {
        let bytes = Array(body.utf8)
        var tape = FormTape()
        try tape.scan(bytes.span)
        return (0..<tape.count).map { i in
            written {
                tape.appendName(i, in: bytes.span, to: &$0)
                $0.append("|")
                tape.appendValue(i, in: bytes.span, to: &$0)
            }
        }
    }

    static let forms: [(String, [String])] = [
        ("", []), ("a=1", ["a|1"]), ("a=1&b=2", ["a|1", "b|2"]), ("a", ["a|"]), ("a=", ["a|"]), ("=1", ["|1"]), ("a=b=c", ["a|b=c"]),
        ("&a=1&&b=2&", ["a|1", "b|2"]), ("To=%2B15551234567&Body=Hi+there%21", ["To|+15551234567", "Body|Hi there!"]),
        ("a%20b+c=%e2%82%ac", ["a b c|\u{20ac}"]), ("n=\u{e9}&\u{e9}=1", ["n|\u{e9}", "\u{e9}|1"]), ("n=%F0%9F%98%80", ["n|\u{1f600}"]),
        ("n=\u{e9}%C3%A9x", ["n|\u{e9}\u{e9}x"]), ("a=%26%3D%3b%25", ["a|&=;%"]), ("a=x;y", ["a|x;y"]), ("a=x=1;y", ["a|x=1;y"]),
        ("a=1%0D%0A2&b=\n", ["a|1\r\n2", "b|\n"]), ("a=1&a=2&A=3", ["a|1", "a|2", "A|3"]), ("a=" + String(repeating: "xy+", count: 20), ["a|" + String(repeating: "xy ", count: 20)]),
    ]

    @Test(arguments: forms) func reads(_ body: String, _ expected: [String]) throws { #expect(try fields(body) == expected) }

    static let faults: [(String, BodyFault.Cause, Int)] = [
        ("a=%", .badPercentEscape, 2), ("a=%4", .badPercentEscape, 2), ("a=%4&b=1", .badPercentEscape, 2), ("a=%zz", .badPercentEscape, 2),
        ("a=12345678%u0041", .badPercentEscape, 10), ("a%=1", .badPercentEscape, 1), ("a=%%41", .badPercentEscape, 2),
        ("a=\u{0}", .nul, 2), ("a=%00", .nul, 2), ("a=1234567890%00", .nul, 12), ("a%00=1", .nul, 1), ("a\u{0}b=1", .nul, 1),
        ("a\n=1", .controlInName, 1), ("a%0a=1", .controlInName, 1), ("%7f=1", .controlInName, 0), ("%C2%85=1", .controlInName, 0),
        ("a;b=1", .semicolon, 1), (";=1", .semicolon, 0), ("a=1;b=2", .semicolon, 3), ("a=1&b;c", .semicolon, 5), ("a=x;y;z=1", .semicolon, 3),
        ("a=%c0%af", .invalidUTF8, 2), ("a=%ED%A0%80", .invalidUTF8, 2), ("a=%E2%82", .invalidUTF8, 2), ("a=%E2%82&b=%AC", .invalidUTF8, 2),
        ("a=%80", .invalidUTF8, 2), ("a=%FF", .invalidUTF8, 2), ("a=%F4%90%80%80", .invalidUTF8, 2), ("%C3=%A9", .invalidUTF8, 0),
        ("a=xxxxxxxx%F0%80%80%AF", .invalidUTF8, 10), ("a=%E2+%82", .invalidUTF8, 2), ("a=%C3\u{e9}", .invalidUTF8, 2),
    ]

    @Test(arguments: faults) func refuses(_ body: String, _ cause: BodyFault.Cause, _ offset: Int) {
        #expect(fault(body) == BodyFault(cause, at: offset))
    }

    @Test func refusesRawBytesThatAreNotUTF8() {
        #expect(fault([0x61, 0x3d, 0xff]) == BodyFault(.invalidUTF8, at: 2))
        #expect(fault([0xc3, 0x3d, 0xa9]) == BodyFault(.invalidUTF8, at: 0))
        #expect(fault([0x61, 0x3d, 0xe2, 0x82]) == BodyFault(.invalidUTF8, at: 2))
    }

    @Test func limits() {
        func many(_ n: Int) -> String { (0..<n).map { "f\($0)=1" }.joined(separator: "&") }
        #expect(fault(many(1000)) == nil)
        #expect(fault(many(1001))?.cause == .tooManyFields)
        #expect(fault(String(repeating: "n", count: 256) + "=1") == nil)
        #expect(fault(String(repeating: "n", count: 257) + "=1") == BodyFault(.nameTooLong, at: 0))
        #expect(fault(String(repeating: "%41", count: 256) + "=1") == nil)
        #expect(fault(String(repeating: "%41", count: 257) + "=1") == BodyFault(.nameTooLong, at: 0))
        #expect(fault("a=" + String(repeating: "v", count: 256 << 10)) == nil)
        #expect(fault("a=" + String(repeating: "v", count: 256 << 10 + 1)) == BodyFault(.valueTooLong, at: 2))
        #expect(fault("a=" + String(repeating: "%C3%A9", count: 128 << 10)) == nil)
        #expect(fault("a=" + String(repeating: "%C3%A9", count: 128 << 10) + "v") == BodyFault(.valueTooLong, at: 2))
        var mail = FormLimits()
        mail.valueBytes = 1 << 20
        #expect(fault("a=" + String(repeating: "v", count: 1 << 20), mail) == nil)
        #expect(fault("a=" + String(repeating: "v", count: 1 << 20 + 1), mail)?.cause == .valueTooLong)
        #expect(BodyFault(.tooManyFields, at: 0).status == 413)
    }

    static let names: [(String, String, FormNameMatch)] = [
        ("to", "to", .exact), ("t%6f", "to", .exact), ("to%5B%5D", "to", .bracketed), ("to[]", "to", .bracketed), ("to[0]", "to", .bracketed),
        ("to.x", "to", .bracketed), ("to[", "to", .bracketed), ("To", "to", .misspelt), ("+to", "to", .misspelt), ("to%20", "to", .misspelt),
        ("TO[]", "to", .misspelt), ("%EF%BD%94o", "to", .misspelt), ("t%E2%80%8Bo", "to", .misspelt), ("\u{ff54}\u{ff4f}[0]", "to", .misspelt),
        ("[to]", "to", .misspelt), ("to]", "to", .misspelt), ("too", "to", .other), ("t", "to", .other), ("to_x", "to", .other), ("", "to", .other),
        ("\u{e9}", "to", .other), ("from_email", "from_email", .exact), ("from.email", "from_email", .misspelt), ("from+email", "from_email", .misspelt),
        ("from[email", "from_email", .misspelt), ("from-email", "from_email", .other), ("fromemail", "from_email", .other),
    ]

    @Test(arguments: names) func match(_ name: String, _ wanted: String, _ expected: FormNameMatch) throws {
        let body = Array("x=1&\(name)=2".utf8)
        var tape = FormTape()
        try tape.scan(body.span)
        let found = tape.match(1, wanted, in: body.span)
        #expect(found == expected)
    }

    @Test func allFieldsOfAName() throws {
        let body = Array("to=1&x=2&t%6F=3&To=4&to=5".utf8)
        var tape = FormTape()
        try tape.scan(body.span)
        var found: [Int] = []
        while let next = tape.field(named: "to", from: (found.last ?? -1) + 1, in: body.span) { found.append(next) }
        #expect(found == [0, 2, 4])
        let absent = tape.field(named: "cc", in: body.span)
        #expect(absent == nil)
    }

    static let cuts: [(String, [Int], String)] = [
        ("a=1&b=2&c=3", [0], "b=2&c=3"), ("a=1&b=2&c=3", [1], "a=1&c=3"), ("a=1&b=2&c=3", [2], "a=1&b=2"), ("a=1&b=2&c=3", [0, 1], "c=3"),
        ("a=1&b=2&c=3", [1, 2], "a=1"), ("a=1&b=2&c=3", [0, 2], "b=2"), ("a=1&b=2&c=3", [0, 1, 2], ""), ("a=1", [0], ""), ("a=1&", [0], ""),
        ("&a=1", [0], ""), ("a=1&&b=2", [1], "a=1&"), ("a=1&b=2&", [1], "a=1&"), ("a&b", [], "a&b"),
    ]

    @Test(arguments: cuts) func cut(_ text: String, _ cuts: [Int], _ expected: String) throws {
        let body = Array(text.utf8)
        var tape = FormTape()
        try tape.scan(body.span)
        var ranges: [ByteRange] = []
        tape.appendCuts(cuts, in: body.span, to: &ranges)
        #expect(String(decoding: ScanJSONCutTests().cut(body, ranges), as: UTF8.self) == expected)
    }

    /// Random forms, random cuts: the rest holds exactly the other fields, byte for byte.
    @Test func cutThenScanAgain() throws {
        var random = SeededGenerator(seed: 99)
        var tape = FormTape()
        for _ in 0..<2000 {
            let pieces = ["a=1", "b", "", "To=%2B1", "c=x+y", "=", "\u{e9}=%C3%A9"]
            let text = (0..<Int.random(in: 0..<8, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined(separator: "&")
            let body = Array(text.utf8)
            try tape.scan(body.span)
            let cuts = (0..<tape.count).filter { _ in Bool.random(using: &random) }
            let kept = (0..<tape.count).filter { !cuts.contains($0) }.map { Array(body[tape[$0].range]) }
            var ranges: [ByteRange] = []
            tape.appendCuts(cuts, in: body.span, to: &ranges)
            let rest = ScanJSONCutTests().cut(body, ranges)
            try tape.scan(rest.span)
            let left = (0..<tape.count).map { Array(rest[tape[$0].range]) }
            #expect(left == kept, "\(text) cut \(cuts)")
        }
    }

    /// Any bytes at all: an answer, never a trap, and a fault inside of the body.
    @Test func noiseIsAnswered() {
        var random = SeededGenerator(seed: 3)
        let alphabet = Array("a=&;%+0123456789abcdefCE \u{e9}[]".utf8)
        var accepted = 0
        for round in 0..<20_000 {
            let body = (0..<Int.random(in: 0..<20, using: &random)).map { _ in
                round % 3 > 0 ? alphabet.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
            }
            let fault = fault(body)
            if fault == nil { accepted += 1 }
            #expect((fault?.offset ?? 0) <= body.count)
        }
        #expect(accepted > 1000)
    }
}
