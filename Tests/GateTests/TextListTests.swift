import Adapters
import Gate
import Recipients
import Testing

/// Texts that hold several recipients, inside JSON strings.
@Suite struct TextListTests {
    typealias L = LanguageFixture

    private func endpoint(
        _ syntax: RecipientSpec.ListSyntax, whenEmpty: StripSpec.WhenEmpty = .reject, kind: IdentifierKind = .phone, aligned: [String] = []
    ) throws -> Endpoint {
        try L.endpoint(channels: kind == .phone ? [.sms] : [.email], [L.slot("dst", kind) { $0.list = syntax }, L.slot("cc", kind)]) {
            $0.strip = [StripSpec(remove: "dst", whenEmpty: whenEmpty, aligned: aligned), StripSpec(remove: "cc", whenEmpty: .remove("cc"))]
            $0.data = ["text"]
        }
    }

    @Test func piecesGoWithOneSeparator() throws {
        let endpoint = try endpoint(.lessThan)
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<14155550112"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"dst":"14155550100<14155550111<14155550112"}"#) == #"{"dst":"14155550111<14155550112"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<14155550100<14155550112"}"#) == #"{"dst":"14155550111<14155550112"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<14155550112<14155550100"}"#) == #"{"dst":"14155550111<14155550112"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"14155550100<14155550111<+14155550100<14155550100"}"#) == #"{"dst":"14155550111"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"14155550100<+1 415 555 0100"}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"dst":"14155550100"}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"dst":14155550100}"#) == "reject")
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<<14155550100<"}"#) == #"{"dst":"14155550111<"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"<"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"dst":"14155550111,14155550112"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"dst":"14155550111;14155550112"}"#) == "refuse recipient-malformed")
    }

    @Test func escapesStayAsTheyAre() throws {
        let endpoint = try endpoint(.comma, kind: .email)
        #expect(
            L.outcome(endpoint, #"{"dst":"\u0061@example.com , g\u006fne\u0040example.com\u002c\tb@example.com"}"#)
                == #"{"dst":"\u0061@example.com\u002c\tb@example.com"}"#)
        #expect(
            L.outcome(endpoint, #"{"dst":"gone@example.com,\u00e9\u002c","cc":"a@example.com"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"dst":"\"gone@example.com\",a@example.com"}"#) == "refuse recipient-malformed")
    }

    @Test func anEmptiedText() throws {
        let body = #"{"dst":"14155550100","cc":"+14155550111","text":"x"}"#
        #expect(try L.outcome(endpoint(.comma, whenEmpty: .keep), body) == #"{"dst":"","cc":"+14155550111","text":"x"}"#)
        #expect(try L.outcome(endpoint(.comma, whenEmpty: .remove("dst")), body) == #"{"cc":"+14155550111","text":"x"}"#)
        #expect(try L.outcome(endpoint(.comma, whenEmpty: .remove("dst")), #"{"dst":"14155550100","cc":"+14155550100","text":"x"}"#) == "reject")
        #expect(try L.outcome(endpoint(.comma), #"{"dst":"14155550111","cc":"+14155550100","text":"x"}"#) == #"{"dst":"14155550111","text":"x"}"#)
    }

    @Test func alignedTextsLoseTheSamePieces() throws {
        let endpoint = try endpoint(.lessThan, aligned: ["ring_timeout", "delay"])
        #expect(
            L.outcome(endpoint, #"{"ring_timeout":"10<20<30","dst":"14155550111<14155550100<14155550112","delay":"1"}"#)
                == #"{"ring_timeout":"10<30","dst":"14155550111<14155550112","delay":"1"}"#)
        #expect(
            L.outcome(endpoint, #"{"dst":"14155550100<14155550112","ring_timeout":"10<","delay":7}"#)
                == #"{"dst":"14155550112","ring_timeout":"","delay":7}"#)
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<14155550112","ring_timeout":"10<20<30"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<<14155550112","ring_timeout":"10<20"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"dst":"14155550111<14155550112","Ring_timeout":"10<20"}"#) == "refuse name-misspelt")
    }

    /// A list nobody may take pieces out of is judged as a whole.
    @Test func aListInAThread() throws {
        let endpoint = try L.endpoint(mode: .group, [L.phone("to") { $0.list = .semicolon }])
        #expect(L.outcome(endpoint, #"{"to":"+14155550111; +14155550112"}"#) == "allow")
        #expect(L.outcome(endpoint, #"{"to":"+14155550111; +14155550100"}"#) == "reject")
    }

    /// Inside an item that goes as a whole, so does the text.
    @Test func aListInsideAnItem() throws {
        let endpoint = try L.endpoint([L.phone("messages[*].to") { $0.list = .comma }]) { $0.strip = [StripSpec(remove: "messages[*]", whenEmpty: .reject)] }
        #expect(
            L.outcome(endpoint, #"{"messages":[{"to":"+14155550111,+14155550100"},{"to":"+14155550112"}]}"#)
                == #"{"messages":[{"to":"+14155550112"}]}"#)
    }

    @Test func mailboxesAndGroups() throws {
        let endpoint = try endpoint(.mailboxes, whenEmpty: .remove("dst"), kind: .email)
        #expect(L.outcome(endpoint, #"{"dst":"Ann <ann@example.com>, \"Last, First\" <b@example.com>, c@example.com"}"#) == "allow")
        #expect(
            L.outcome(endpoint, #"{"dst":"Ann <ann@example.com>, \"Gone, G.\" <gone@example.com>, \u0063@example.com"}"#)
                == #"{"dst":"Ann <ann@example.com>, \u0063@example.com"}"#)
        #expect(
            L.outcome(endpoint, #"{"dst":"gone@example.com, Team: d@example.com, gone@example.com;, e@example.com"}"#)
                == #"{"dst":"Team: d@example.com;, e@example.com"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"Team: gone@example.com;","cc":"a@example.com"}"#) == #"{"cc":"a@example.com"}"#)
        #expect(L.outcome(endpoint, #"{"dst":"a@example.com; gone@example.com"}"#) == "refuse recipient-malformed")
        #expect(L.outcome(endpoint, #"{"dst":"a@example.com (gone@example.com), b@example.com"}"#) == "refuse recipient-malformed")
    }
}
