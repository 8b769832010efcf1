import AllocationCounter
import Bytes
import Recipients
import Testing

@testable import Adapters
@testable import Gate

@Suite struct NestedDocumentTests {
    static func place(_ decoders: String) throws -> NestedPlace {
        try NestedPlace(Place("at | \(decoders)", path: "at"), path: "at")
    }

    /// The recipients of `text` and what else looks like one.
    static func read(_ text: String, _ decoders: String) throws -> (items: [String], others: [String], isSealed: Bool) {
        var document = NestedDocument()
        let bytes = Array(text.utf8)
        try document.read(bytes.span, place(decoders), json: .standard, limit: 100)
        func string(_ range: ByteRange) -> String { String(decoding: document.found.texts.array[range.range], as: UTF8.self) }
        return (document.found.items.map { string($0.text) }, document.found.others.map { string($0.text) }, document.isSealed)
    }

    static func fault(_ text: String, _ decoders: String) throws -> NestedFault? {
        var document = NestedDocument()
        let bytes = Array(text.utf8)
        let place = try place(decoders)
        do throws(NestedFault) {
            try document.read(bytes.span, place, json: .standard, limit: 100)
            return nil
        } catch {
            let items = document.found.items
            precondition(items.isEmpty)
            return error
        }
    }

    /// `text` without the recipients `cuts`.
    static func cut(_ text: String, _ decoders: String, _ cuts: [Int]) throws -> String? {
        let bytes = Array(text.utf8)
        guard let edits = try NestedRewrite.edits(bytes, place(decoders), json: .standard, without: cuts) else { return nil }
        var out: [UInt8] = []
        var from = 0
        for edit in edits {
            out += bytes[from..<edit.range.lowerBound] + edit.replacement
            from = edit.range.upperBound
        }
        return String(decoding: out + bytes[from...], as: UTF8.self)
    }

    static func base64(_ text: String, _ alphabet: Base64.Alphabet = .standard) -> String {
        var out = GrowableBytes(capacity: 16)
        Base64.encode(Array(text.utf8).span, alphabet, into: &out)
        return String(decoding: out.array, as: UTF8.self)
    }

    static let mail = "From: f@x.com\r\nTo: A <a@x.com>,\r\n \"B, C\" <b@x.com>\r\nBcc: c@x.com\r\nX-Other: d@x.com\r\nSubject: e@x.com\r\n\r\nTo: f@x.com\r\n"
    static let everybody = ["A <a@x.com>", "\"B, C\" <b@x.com>", "c@x.com"]

    @Test func readsMessages() throws {
        for (text, decoders) in [
            (Self.mail, "mime"), (Self.base64(Self.mail), "base64 | mime"), (Self.base64(Self.mail, .url), "base64url | mime"),
            (Self.mail.replacing("\r\n", with: "\n"), "mime"),
        ] {
            let found = try Self.read(text, decoders)
            #expect(found.items == Self.everybody)
            #expect(found.others == [" d@x.com"])
            #expect(!found.isSealed)
        }
        let one = try Self.read(Self.mail, "mime | Bcc")
        #expect(one.items == ["c@x.com"])
        #expect(one.others == [" A <a@x.com>,   \"B, C\" <b@x.com>", " d@x.com"])
        #expect(try Self.read("Resent-To: a@x.com\r\n\r\n", "mime").isSealed)
    }

    @Test func readsDocuments() throws {
        let lists = #"{"to":["a@x.com","b\u0040x.com"],"sub":{"-n-":["c@x.com"]},"d@x.com":1,"n":12345678}"#
        let found = try Self.read(lists, "json | to[*]")
        #expect(found.items == ["a@x.com", "b@x.com"])
        #expect(found.others == ["c@x.com", "d@x.com"])
        #expect(try Self.read(#"{"binding_type":"sms","address":"+14155550100"}"#, "json | address").items == ["+14155550100"])
        #expect(try Self.read(#"{"to":"a@x.com"}"#, "json | to[*]").items == ["a@x.com"])
        #expect(try Self.read(#"{"a@x.com":{"n":"b@x.com"},"c":{}}"#, "json | {*}").items == ["a@x.com", "c"])
        #expect(try Self.read(#"{"a@x.com":{"n":"b@x.com"},"c":{}}"#, "json | {*}").others == ["b@x.com"])
        #expect(try Self.read(#"{"x":{"to":null}}"#, "json | x.to").items == [])
        #expect(try Self.read(#"{"x":[{"to":"a@x.com"},{"to":"b@x.com"}]}"#, "json | x[*].to").items == ["a@x.com", "b@x.com"])
        let wrapped = #"{"other":"z@x.com","raw":"\#(Self.base64(Self.mail))"}"#
        #expect(try Self.read(wrapped, "json | raw | base64 | mime").items == Self.everybody)
        #expect(try Self.read(wrapped, "json | raw | base64 | mime").others == ["z@x.com", " d@x.com"])
        #expect(try Self.read(#"{"other":"z@x.com"}"#, "json | raw | base64 | mime").others == ["z@x.com"])
    }

    static let faults: [(String, String, NestedFault)] = [
        ("YUB4LmNvbQ", "base64 | mime", .base64), ("YUB4LmNvbR==", "base64 | mime", .base64), ("YUB4\r\nLmNvbQ==", "base64 | mime", .base64),
        ("YUB4 LmNvbQ==", "base64 | mime", .base64), ("YUB4LmNvbQ==YQ==", "base64 | mime", .base64), ("-_==", "base64 | mime", .base64),
        ("+/==", "base64url | mime", .base64), ("YUB4LmNvbQ=", "base64url | mime", .base64), ("YUB4LmNvbQ===", "base64url | mime", .base64),
        ("A===", "base64url | mime", .base64), ("To: a@x.com (c)\r\n\r\n", "mime", .unusual), ("To: a@x.com; b@x.com\r\n\r\n", "mime", .identifier(.severalMailboxes)),
        ("To: a@x.com\r\nTo: b@x.com\r\n\r\n", "mime", .body(BodyFault(.headerRepeated, at: 13, earlier: 0))), ("To : a@x.com\r\n\r\n", "mime", .body(BodyFault(.badHeaderName, at: 2))),
        (#"{"to":["a@x.com"],"to":[]}"#, "json | to[*]", .body(BodyFault(.duplicateKey, at: 18, earlier: 1))), (#"{"TO":["a@x.com"]}"#, "json | to[*]", .misspelt),
        (#"{"to":[1]}"#, "json | to[*]", .mistyped), (#"{"to":{"a":1}}"#, "json | to[*]", .mistyped), (#"["a@x.com"]"#, "json | to[*]", .mistyped),
        (#"{"to":[null]}"#, "json | to[*]", .mistyped), ("a@x.com", "json | to[*]", .body(BodyFault(.unexpectedByte, at: 0))),
        (#"{"raw":["x"]}"#, "json | raw | base64 | mime", .mistyped),
    ]

    @Test(arguments: faults) func refuses(text: String, decoders: String, expected: NestedFault) throws {
        #expect(try Self.fault(text, decoders) == expected)
    }

    @Test func boundsTheRecipients() throws {
        let people = (0..<101).map { "a\($0)@x.com" }
        #expect(try Self.fault("To: \(people.joined(separator: ",\r\n "))\r\n\r\n", "mime") == .identifier(.tooManyMailboxes))
        #expect(try Self.fault("{\"to\":[\"\(people.joined(separator: "\",\""))\"]}", "json | to[*]") == .identifier(.tooManyMailboxes))
        #expect(throws: AdapterProblem.self) { try Self.place("json | a | json | b | json | c | json | d") }
        #expect(throws: AdapterProblem.self) { try Self.place("json | a[*] | mime") }
        #expect(throws: AdapterProblem.self) { try Self.place("mime | Subject") }
    }

    static let cuts: [(String, String, [Int], String?)] = [
        (mail, "mime", [0], mail.replacing("A <a@x.com>,\r\n ", with: "")), (mail, "mime", [1], mail.replacing(",\r\n \"B, C\" <b@x.com>", with: "")),
        (mail, "mime", [2], mail.replacing("Bcc: c@x.com\r\n", with: "")), (mail, "mime", [0, 1], mail.replacing("To: A <a@x.com>,\r\n \"B, C\" <b@x.com>\r\n", with: "")),
        (mail, "mime", [0, 2], mail.replacing("A <a@x.com>,\r\n ", with: "").replacing("Bcc: c@x.com\r\n", with: "")), (mail, "mime | Bcc", [0], mail.replacing("Bcc: c@x.com\r\n", with: "")),
        (base64(mail), "base64 | mime", [2], base64(mail.replacing("Bcc: c@x.com\r\n", with: ""))),
        (#"{"to":["a@x.com", "b\u0040x.com"],"é":"\u00e9"}"#, "json | to[*]", [0], #"{"to":["b\u0040x.com"],"é":"\u00e9"}"#),
        (#"{"to":["a@x.com"]}"#, "json | to[*]", [0], #"{"to":[]}"#), (#"{"to":"a@x.com"}"#, "json | to[*]", [0], nil), (#"{"address":"a@x.com"}"#, "json | address", [0], nil),
        (#"{"a@x.com":{"n":1},"b@x.com":{"n":2}}"#, "json | {*}", [0], #"{"b@x.com":{"n":2}}"#),
        (#"{"doc":"{\"to\":[\"a@x.com\",\"b@x.com\"],\u0022x\":1}","y":1}"#, "json | doc | json | to[*]", [0], #"{"doc":"{\"to\":[\"b@x.com\"],\u0022x\":1}","y":1}"#),
        (#"{"raw":"\#(base64(mail))","y":1}"#, "json | raw | base64 | mime", [2], #"{"raw":"\#(base64(mail.replacing("Bcc: c@x.com\r\n", with: "")))","y":1}"#),
        ("DKIM-Signature: x\r\n\(mail)", "mime", [0], nil), ("Resent-To: z@x.com\r\n\(mail)", "mime", [0], nil),
    ]

    @Test(arguments: cuts) func cutsLeaveEverythingElse(text: String, decoders: String, cuts: [Int], expected: String?) throws {
        let rest = try Self.cut(text, decoders, cuts)
        #expect(rest == expected)
        guard let rest else { return }
        let before = try Self.read(text, decoders).items
        #expect(try Self.read(rest, decoders).items == before.indices.filter { !cuts.contains($0) }.map { before[$0] })
    }

    /// What needed no padding may come from a sender that pads; only what lacks its own shows that it does not.
    @Test func padsURLsAsTheyWere() throws {
        for padding in ["", "=", "=="] {
            let text = "To: a@x.com, b@x.com\r\n\r\n" + String(repeating: "x", count: padding.utf8.count == 0 ? 0 : 3 - padding.utf8.count)
            let coded = Self.base64(text, .url)
            let padded = coded + String(repeating: "=", count: (4 - coded.utf8.count % 4) % 4)
            let rest = try Self.cut(padded, "base64url | mime", [0])
            #expect((rest ?? "").utf8.count % 4 == 0)
            #expect(try Self.read(rest ?? "", "base64url | mime").items == ["b@x.com"])
            guard !padding.isEmpty else { continue }
            #expect(try Self.cut(coded, "base64url | mime", [0])?.hasSuffix("=") == false)
        }
    }

    @Test(.enabled(if: allocation_counting_is_on()), arguments: [
        (mail, "mime"), (base64(mail), "base64 | mime"), (#"{"to":["a@x.com","b\u0040x.com"],"sub":{"-n-":["c@x.com"]}}"#, "json | to[*]"),
    ])
    func aWarmDocumentAllocatesNothing(text: String, decoders: String) throws {
        let bytes = Array(text.utf8)
        let place = try Self.place(decoders)
        var document = NestedDocument()
        func round() {
            for _ in 0..<100 {
                do throws(NestedFault) { try document.read(bytes.span, place, json: .standard, limit: 100) } catch { return }
            }
        }
        round()
        let before = allocation_count()
        round()
        let made = allocation_count() - before
        #expect(made == 0)
        let count = document.found.items.count
        #expect(count > 1)
    }
}
