import Adapters
import Bytes
import Testing

@Suite struct ScanJSONTapeTests {
    func member(_ name: String, of node: Int, _ tape: borrowing JSONTape, _ body: [UInt8]) throws -> Int {
        let found = tape.member(named: name, of: node, in: body.span)
        return try #require(found)
    }

    static let mail = Array(
        #"{"personalizations":[{"to":[{"email":"a@x.org"},{"email":"b@x.org","name":"B \"b\""}],"x":{}}, {"to":[]}], "n":-1.5,"i":42}"#.utf8)

    @Test func nodesSayWhatAndWhere() throws {
        var tape = JSONTape()
        try tape.scan(Self.mail.span)
        let root = tape[0]
        #expect(root.kind == .object)
        #expect(root.count == 3)
        #expect(Int(root.end) == tape.count)
        #expect(root.value.range == 0..<Self.mail.count)
        #expect(root.key.isEmpty)
        #expect(!root.flags.contains(.member))
        for i in 1..<tape.count {
            let node = tape[i]
            let parent = tape[Int(node.parent)]
            #expect(Int(node.parent) < i && i < Int(parent.end))
            #expect(node.depth == parent.depth + 1)
            #expect(node.value.lower > parent.value.lower && node.value.upper < parent.value.upper)
            #expect(node.flags.contains(.member) == (parent.kind == .object))
            #expect(Int(node.end) > i && node.end <= parent.end)
            #expect(node.start == (parent.kind == .object ? Int(node.key.lower) : Int(node.value.lower)))
        }
        for i in tape.indices { #expect(tape.children(of: i).count == Int(tape[i].count)) }
    }

    @Test func membersAndItems() throws {
        let body = Self.mail
        var tape = JSONTape()
        try tape.scan(body.span)
        let people = try member("personalizations", of: 0, tape, body)
        #expect(tape[people].kind == .array)
        let items = tape.children(of: people)
        #expect(items.count == 2)
        let to = try member("to", of: items[0], tape, body)
        let emails = tape.children(of: to).map { item in
            let email = tape.member(named: "email", of: item, in: body.span)!
            return String(decoding: body[tape[email].content], as: UTF8.self)
        }
        #expect(emails == ["a@x.org", "b@x.org"])
        let i = try member("i", of: 0, tape, body)
        let n = try member("n", of: 0, tape, body)
        #expect(tape[i].flags.contains(.plainInteger))
        #expect(!tape[n].flags.contains(.plainInteger))
        for (name, node) in [("email", 0), ("to", people), ("0", people)] {
            let found = tape.member(named: name, of: node, in: body.span)
            #expect(found == nil)
        }
    }

    @Test(arguments: [
        ("to", JSONLookup.found(1)), ("t\\u006f", .found(1)), ("\\u0074\\u006F", .found(1)), ("To", .misspelt(1)), (" to", .misspelt(1)),
        ("t\\u004f", .misspelt(1)), ("to\u{200b}", .misspelt(1)), ("\u{ff54}o", .misspelt(1)), ("\\uff54o", .misspelt(1)), ("too", .absent),
        ("t", .absent), ("", .absent), ("t\\u006fo", .absent), ("\u{e9}", .absent), ("t\\\\u006f", .absent), ("\\\"to", .absent),
    ])
    func lookUp(_ key: String, _ expected: JSONLookup) throws {
        let body = Array("{\"\(key)\":1,\"\u{f6}\":2}".utf8)
        var tape = JSONTape()
        try tape.scan(body.span)
        let found = tape.look(up: "to", of: 0, in: body.span)
        #expect(found == expected)
        let member = tape.member(named: "to", of: 0, in: body.span)
        #expect((member != nil) == (expected == .found(1)))
    }

    @Test func lookUpElsewhere() throws {
        let body = Array("[\"to\"]".utf8)
        var tape = JSONTape()
        try tape.scan(body.span)
        let inArray = tape.look(up: "to", of: 0, in: body.span)
        let inString = tape.look(up: "to", of: 1, in: body.span)
        #expect(inArray == .absent)
        #expect(inString == .absent)
    }

    static let escapes: [(String, String)] = [
        ("plain", "plain"), ("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{c}\n\r\t"), ("\\u0041\\u00e9\\u20ac\\ud83d\\ude00", "A\u{e9}\u{20ac}\u{1f600}"),
        ("\\uDBFF\\uDFFF", "\u{10ffff}"), ("\\ud800\\udc00", "\u{10000}"), ("a\\u0000b", "a\u{0}b"), ("\\u07ff\\u0800\\uffff", "\u{7ff}\u{800}\u{ffff}"),
        ("\\\\u0041", "\\u0041"), ("\u{e9}\\n\u{1f600}", "\u{e9}\n\u{1f600}"), ("", ""), ("\\u007f\\u0080", "\u{7f}\u{80}"),
    ]

    @Test(arguments: escapes) func unescapes(_ raw: String, _ expected: String) throws {
        let body = Array("[\"\(raw)\"]".utf8)
        var tape = JSONTape()
        try tape.scan(body.span)
        let text = written { tape.appendString(1, in: body.span, to: &$0) }
        #expect(text.utf8.elementsEqual(expected.utf8))
        #expect(tape[1].flags.contains(.escapedValue) == raw.contains("\\"))
        #expect(tape[1].flags.contains(.nonASCIIValue) == raw.utf8.contains { $0 > 0x7f })
    }

    @Test func appendsToWhatIsThere() throws {
        let body = Array(#"{"k\u0065y":"v"}"#.utf8)
        var tape = JSONTape()
        try tape.scan(body.span)
        let text = written {
            tape.appendKey(1, in: body.span, to: &$0)
            $0.append("=")
            tape.appendString(1, in: body.span, to: &$0)
            tape.appendKey(0, in: body.span, to: &$0)
        }
        #expect(text == "key=v")
    }
}
