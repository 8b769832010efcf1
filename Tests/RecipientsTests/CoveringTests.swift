import Testing
import TestSupport

@testable import Recipients

/// Text that may be an identifier is covered without libphonenumber: never less than what a send would be looked up under.
@Suite struct CoveringTests {
    /// - Returns: `nil` when it is refused.
    private func covering(
        _ text: String, _ kind: IdentifierKind, _ normaliser: inout Normaliser
    ) -> (keys: Set<RecipientKey>, isDear: Bool)? {
        var keys = CandidateKeys()
        var isDear = false
        let bytes = Array(text.utf8)
        guard (try? normaliser.coveringKeys(of: bytes.span, kind: kind, into: &keys, isDear: &isDear)) != nil else { return nil }
        return (Set(keys.indices.map { keys[$0] }), isDear)
    }

    /// Digits at random, with national and international prefixes and calling codes in front.
    @Test(arguments: [["US"], ["CA", "US"], ["GB"], ["DE", "FR"], ["IE", "IN"], ["BR", "AU"], ["IT", "ES"], ["ZA", "SE"], []])
    func noReadingIsLeftOut(regions: [String]) throws {
        let rules = rules(regions)
        var normaliser = Normaliser(rules: rules, secret: testSecret)
        var random = SeededGenerator(seed: 17)
        let codes = PhoneOracleTests.callingCodes.map(String.init)
        var read = 0
        for _ in 0..<4000 {
            var text = random.pick(["+", "", "", "", "0", "00", "011", "1", "18002", "001"])
            if random.below(2) == 0 { text += random.pick(codes) }
            if random.below(8) == 0 { text += "(0)" }
            if random.below(3) == 0 { text += random.pick(["0", "1", "00", "8", "06", "11", "15", "180020"]) }
            for _ in 0..<(5 + random.below(8)) { text += String(random.below(10)) }
            let judged = judge(text, .phone, rules)
            guard judged.problem == nil else { continue }
            read += 1
            let covered = try #require(covering(text, .phone, &normaliser), "\(text)")
            #expect(covered.keys.isSuperset(of: judged.keys), "\(text) with \(regions)")
        }
        #expect(read > 2000)
    }

    @Test(arguments: PhoneOracleTests.regions.filter { Region($0)?.hasPlainPrefixes == true })
    func nationalSpellingsAreCovered(region: String) throws {
        let rules = rules([region])
        var normaliser = Normaliser(rules: rules, secret: testSecret)
        for mobile in [true, false] {
            guard let number = PhoneOracleTests.example(region, mobile: mobile) else { continue }
            for text in InvariantTests.spellings(of: number, national: InvariantTests.national(region, mobile: mobile)) {
                let covered = try #require(covering(text, .phone, &normaliser), "\(text)")
                #expect(!covered.keys.isDisjoint(with: stored(number.text, .phone, rules)), "\(text)")
                #expect(covered.keys.isSuperset(of: judge(text, .phone, rules).keys), "\(text)")
            }
        }
    }

    @Test func ordinaryDigitsAreCheap() {
        for regions in [["US"], ["DE", "FR"]] {
            var normaliser = Normaliser(rules: rules(regions), secret: testSecret)
            var random = SeededGenerator(seed: 3)
            var dear = 0
            for _ in 0..<10_000 {
                let text = String((7...12).contains(random.below(16)) ? 1_000_000 + random.below(1 << 40) : 1_700_000_000 + random.below(100_000_000))
                if covering(text, .phone, &normaliser)?.isDear == true { dear += 1 }
            }
            #expect(dear < 500, "\(dear)")
        }
    }

    @Test(arguments: MailSpellingTests.agreed + MailSpellingTests.unusual)
    func addressesAreReadAsInASend(text: String) throws {
        var normaliser = Normaliser(rules: rules(), secret: testSecret)
        #expect(try #require(covering(text, .email, &normaliser)).keys == judge(text, .email).keys)
    }
}
