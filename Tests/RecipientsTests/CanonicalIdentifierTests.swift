import Bytes
import Testing

@testable import Recipients

@Suite struct CanonicalIdentifierTests {
    @Test(arguments: [
        ("(415) 555-2671", IdentifierKind.phone, "+14155552671"), ("+44 (0)20 7946 0958", .phone, "+442079460958"),
        ("5215512345678", .phone, "+525512345678"), ("+5491123456789", .phone, "+5491123456789"),
        ("Jo <Jo.Doe+News@Example.COM.>", .email, "jo.doe+news@example.com"), ("J.O@GoogleMail.com", .email, "j.o@googlemail.com"),
        ("\"jo\"@bücher.example", .email, "jo@xn--bcher-kva.example"), ("ＪＯ@example.com", .email, "jo@example.com"),
        // Without its quotes each would be another address, or none.
        ("\"Jo \\\"X\"@faß.de", .email, "\"jo \\\"x\"@xn--fa-hia.de"), ("\"(c)Jo+X\"@Gmail.com", .email, "\"(c)jo+x\"@gmail.com"),
    ])
    func hasOneText(text: String, kind: IdentifierKind, canonical: String) throws {
        let identifier = try CanonicalIdentifier(parsing: text, rules: rules())
        #expect(identifier.kind == kind)
        #expect(identifier.text == canonical)
        #expect(try CanonicalIdentifier(parsing: canonical, kind: kind, rules: rules()) == identifier)
    }

    @Test func opaqueIdentifiersAreTrimmedOnly() throws {
        for kind in [IdentifierKind.pushToken, .external] {
            let identifier = try CanonicalIdentifier(parsing: " \tAbC:1 é\r\n", kind: kind, rules: rules())
            #expect(identifier.text == "AbC:1 é")
            #expect(Set(identifier.keys(secret: testSecret)) == judge("AbC:1 é", kind).keys)
            #expect(judge("abc:1 é", kind).keys.isDisjoint(with: identifier.keys(secret: testSecret)))
            #expect(judge(" \n", kind).problem == .empty)
            #expect(judge("a\nb", kind).problem == .controlCharacter)
            #expect(judge(String(repeating: "x", count: 4096), kind).spelling == .agreed)
            #expect(judge(String(repeating: "x", count: 4097), kind).problem == .tooLong)
        }
    }

    @Test(arguments: [
        ("Ann Lee, 1 Main St., 94107-1234", "ann lee 1 main st 94107"), ("  ANN\tLEE\r\n1 Main St #94107", "ann lee 1 main st 94107"),
        ("Ａｎｎ　Lee １ Main St ９４１０７－１２３４", "ann lee 1 main st 94107"), ("Jörg Groß\nStraße 1–3\n10115 Köln", "jörg gross strasse 1 3 10115 köln"),
        ("O\u{2019}Brien, a\u{00ad}b", "o brien ab"), ("12345-67890", "12345 67890"), ("12345-678", "12345 678"), ("1-2345", "1 2345"), ("東京都千代田区１－１", "東京都千代田区1 1"),
    ])
    func postalAddressesAreTheirWords(text: String, canonical: String) throws {
        let identifier = try CanonicalIdentifier(parsing: text, kind: .postal, rules: rules())
        #expect(identifier.text == canonical)
        #expect(try CanonicalIdentifier(parsing: canonical, kind: .postal, rules: rules()) == identifier)
        #expect(judge(text, .postal).keys == Set(identifier.keys(secret: testSecret)))
        #expect(stored(text.uppercased(), .postal) == stored(canonical, .postal))
        for nothing in ["", " ,\n-", "\u{00ad}"] { #expect(judge(nothing, .postal).problem == .empty) }
    }

    @Test func anAddressInPartsHasTheKeysOfEverySelection() throws {
        var normaliser = Normaliser(rules: rules(), secret: testSecret)
        let text = Array("Ann Lee|1 Main St.|94107-1234".utf8)
        let parts = [ByteRange(0..<7), ByteRange(8..<18), ByteRange(19..<29)]
        var keys: [RecipientKey] = [], form = GrowableBytes()
        try normaliser.appendPostalKeys(ofParts: parts, in: text.span, to: &keys, normalForm: &form)
        #expect(String(decoding: form.bytes, as: UTF8.self) == "ann lee 1 main st 94107")
        let selections = [
            "Ann Lee, 1 Main St, 94107", "1 Main St, 94107", "Ann Lee, 94107", "94107", "Ann Lee, 1 Main St", "1 Main St", "Ann Lee",
        ]
        #expect(Set(keys) == Set(try selections.flatMap { try CanonicalIdentifier(parsing: $0, kind: .postal, rules: rules()).keys(secret: testSecret) }))
        #expect(keys.count == 7)
        #expect([keys[0]] == (try CanonicalIdentifier(parsing: selections[0], kind: .postal, rules: rules())).keys(secret: testSecret))
        let many = Array(repeating: ByteRange(0..<3), count: 7)
        #expect(throws: IdentifierProblem.tooManyReadings) { try normaliser.appendPostalKeys(ofParts: many, in: text.span, to: &keys, normalForm: &form) }
        #expect(String(decoding: form.bytes, as: UTF8.self) == "ann lee 1 main st 94107")
    }

    @Test func hexadecimalTokensHaveNoCase() throws {
        let token = String(repeating: "0aF9", count: 16)
        #expect(judge(token.uppercased(), .pushToken).keys == stored(token.lowercased(), .pushToken))
        #expect(judge(token.uppercased(), .external).keys.isDisjoint(with: stored(token.lowercased(), .external)))
        let other = token.dropLast() + "g"
        #expect(judge(other.uppercased(), .pushToken).keys.isDisjoint(with: stored(other.lowercased(), .pushToken)))
    }

    @Test func kindsHaveKeysOfTheirOwn() {
        let all = IdentifierKind.allCases.map { RecipientKey(kind: $0, normalised: [49, 50].span, secret: testSecret) }
        #expect(Set(all).count == IdentifierKind.allCases.count)
    }

    @Test func secretsHaveKeysOfTheirOwn() throws {
        let identifier = try CanonicalIdentifier(parsing: "+14155552671", rules: rules())
        let other = try #require(DigestSecret([UInt8](repeating: 7, count: 16)))
        #expect(identifier.keys(secret: testSecret) != identifier.keys(secret: other))
        #expect(DigestSecret([UInt8](repeating: 7, count: 15)) == nil)
        #expect(DigestSecret([UInt8](repeating: 7, count: 17)) == nil)
        #expect(!"\(other)".contains("7"))
    }

    /// The key of +14155552671 and of jo@example.com under key 00...0f, from OpenSSL:
    /// `printf '\x0114155552671' | openssl mac -macopt hexkey:00...0f -macopt size:16 SIPHASH`. Stored on disk: never change.
    @Test func keysAreThoseOnDisk() throws {
        #expect(stored("+14155552671") == [RecipientKey(low: 0x9943_b08b_2cd9_8685, high: 0x2f7e_5905_d1e0_5015)])
        #expect(stored("jo@example.com") == [RecipientKey(low: 0x8be4_b18f_3697_e6c6, high: 0x4a1f_23c3_9857_7790)])
    }

    @Test func rulesNameTheirMistakes() {
        #expect(throws: NormalisationRules.RegionProblem.unknown("XX")) { try NormalisationRules(defaultRegions: ["XX"]) }
        #expect(throws: NormalisationRules.RegionProblem.unknown("usa")) { try NormalisationRules(defaultRegions: ["usa"]) }
        #expect(throws: NormalisationRules.RegionProblem.tooMany(5)) {
            try NormalisationRules(defaultRegions: ["US", "GB", "DE", "FR", "IT"])
        }
        #expect(rules(["gb", "GB"]) == rules(["GB"]))
        #expect(NormalisationRules.standard == rules())
        #expect(rules(["US", "GB"]).fingerprint == "1;regions=US,GB;tags=base;gmail=dots")
    }

    @Test(arguments: IdentifierProblem.allCases)
    func everyProblemSaysHowToMendIt(problem: IdentifierProblem) {
        #expect(problem.message.description.count > 40)
        #expect(problem.message.description.hasSuffix("."))
    }
}
