import Recipients
import Testing

@testable import Ledger

/// The ledger's one key for an identifier must be among the keys of every spelling a send may use.
@Suite struct IdentifierReaderTests {
    let reader = IdentifierReader(rules: .standard)
    let secret = DigestSecret(Array(0..<16))!

    @Test(arguments: [
        ("+14155550123", ["(415) 555-0123", "+1 415-555-0123", "14155550123"]),
        ("+52 1 55 1234 5678", ["+525512345678", "+5215512345678"]),
        ("+54 9 11 2345 6789", ["+541123456789"]),
        ("+55 11 8765 4321", ["+5511987654321"]),
        ("Jo.Doe+news@Googlemail.com", ["jodoe@gmail.com", "jo.doe@gmail.com", "JODOE+x@gmail.com"]),
        ("Ada@EXAMPLE.com", ["ada@example.com", "ADA+tag@example.com"]),
        ("ada@bücher.example", ["ada@xn--bcher-kva.example"]),
    ])
    func sendsMeetTheOptOut(_ stored: String, _ sends: [String]) throws {
        let identifiers = try reader.read(stored)
        let keys = identifiers.map { $0.key(secret: secret) }
        var normaliser = Normaliser(rules: .standard, secret: secret)
        var candidates = CandidateKeys()
        for send in sends + [stored] {
            _ = try normaliser.keys(of: Array(send.utf8).span, kind: identifiers[0].kind, into: &candidates)
            #expect(keys.contains { candidates.contains($0) }, "\(send)")
        }
        // What the ledger keeps reads as itself: rebuilding an index from it finds the same keys.
        for identifier in identifiers { #expect(try reader.read(identifier.value, as: identifier.kind) == [identifier]) }
    }

    @Test func numbersAreKeptInE164() throws {
        #expect(try reader.read("(415) 555-0123").first == ada)
        #expect(try reader.read("+52 1 55 1234 5678") == [Identifier(kind: .phone, value: "+525512345678")])
    }

    @Test func spellingsOfOneIdentifierAreOneRecord() throws {
        #expect(try reader.read("+525512345678") == reader.read("+52 1 55 1234 5678"))
        #expect(try reader.read("jo.doe@gmail.com") == reader.read("JoDoe+a@googlemail.com"))
    }

    @Test(arguments: ["", "hello", "12", "a@", "@b.c"])
    func whatIsNoIdentifierSaysWhy(_ text: String) {
        #expect(throws: IdentifierReader.Unreadable.self) { try reader.read(text) }
    }
}
