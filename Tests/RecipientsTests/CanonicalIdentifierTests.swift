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
        for kind in [IdentifierKind.pushToken, .postal, .external] {
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
