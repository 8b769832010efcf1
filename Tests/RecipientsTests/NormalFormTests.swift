import Bytes
import Testing
import TestSupport

@testable import Recipients

/// The name that a send is recorded under is the one its opt-out is kept under: see ``Normaliser``.
@Suite struct NormalFormTests {
    /// - Returns: `nil` when the text is refused.
    private func name(_ text: String, _ kind: IdentifierKind, _ normaliser: inout Normaliser) -> String? {
        var keys = CandidateKeys()
        var form = GrowableBytes()
        form.append("before ")
        let bytes = Array(text.utf8)
        guard (try? normaliser.keys(of: bytes.span, kind: kind, into: &keys, normalForm: &form)) != nil else {
            let isUntouched = form.count == 7
            #expect(isUntouched)
            return nil
        }
        return String(decoding: form.bytes.dropFirst(7), as: UTF8.self)
    }

    /// As the ledger writes it.
    private func ledgerName(_ text: String, _ kind: IdentifierKind, _ rules: NormalisationRules) throws -> String {
        let identifier = try CanonicalIdentifier(parsing: text, kind: kind, rules: rules)
        return kind == .phone ? "+" + identifier.normalForm : identifier.normalForm
    }

    @Test(arguments: PhoneSpellingTests.agreed + PhoneSpellingTests.unusual)
    func spellingsOfANumberHaveOneName(text: String) throws {
        var normaliser = Normaliser(rules: rules(), secret: testSecret)
        let name = name(text, .phone, &normaliser)
        #expect(name == "+14155552671")
        #expect(try name == ledgerName(text, .phone, rules()))
    }

    @Test(arguments: MailSpellingTests.agreed + MailSpellingTests.unusual)
    func spellingsOfAnAddressHaveOneName(text: String) throws {
        var normaliser = Normaliser(rules: rules(), secret: testSecret)
        let name = name(text, .email, &normaliser)
        #expect(name == "jo.doe@example.com")
        #expect(try name == ledgerName(text, .email, rules()))
    }

    @Test(arguments: [
        ("+5215512345678", IdentifierKind.phone, "+525512345678"), ("+5491123456789", .phone, "+541123456789"),
        ("+551187654321", .phone, "+5511987654321"), ("+44 (0)20 7946 0958", .phone, "+442079460958"),
        ("5215512345678", .phone, "+525512345678"), ("442079460958", .phone, "+442079460958"), ("4930123456", .phone, "+4930123456"),
        ("J.O+news@GoogleMail.com", .email, "jo@gmail.com"), ("jo+News@Example.com", .email, "jo+news@example.com"),
        ("jo@BÜCHER.example", .email, "jo@xn--bcher-kva.example"), (" AbC:1 ", .external, "AbC:1"),
        (String(repeating: "0aF9", count: 16), .pushToken, String(repeating: "0af9", count: 16)),
    ])
    func equivalentsHaveOneName(text: String, kind: IdentifierKind, expected: String) throws {
        var normaliser = Normaliser(rules: rules(), secret: testSecret)
        #expect(name(text, kind, &normaliser) == expected)
        #expect(try ledgerName(text, kind, rules()) == expected)
    }

    /// With a plus the two are always the same, whatever the country.
    @Test func examplesOfAllRegionsHaveTheLedgersName() throws {
        for rules in [rules(["US"]), rules(["GB", "BR"]), rules([])] {
            var normaliser = Normaliser(rules: rules, secret: testSecret)
            for region in PhoneOracleTests.regions {
                for mobile in [true, false] {
                    guard let number = PhoneOracleTests.example(region, mobile: mobile) else { continue }
                    #expect(name(number.text, .phone, &normaliser) == (try ledgerName(number.text, .phone, rules)))
                }
            }
        }
    }

    /// The key of the name is among the keys that are looked up.
    @Test func theNameIsOneOfTheReadings() {
        let rules = rules(["US", "GB"])
        var normaliser = Normaliser(rules: rules, secret: testSecret)
        var random = SeededGenerator(seed: 31)
        var read = 0
        for _ in 0..<5000 {
            let text = InvariantTests.phoneText(&random)
            guard let name = name(text, .phone, &normaliser) else { continue }
            read += 1
            let form = Array(name.utf8.dropFirst())
            let key = RecipientKey(kind: .phone, normalised: form.span, secret: testSecret)
            #expect(judge(text, .phone, rules).keys.contains(key), "\(text): \(name)")
        }
        #expect(read > 500)
    }
}
