import Testing
import TestSupport

@testable import Recipients

@Suite struct PhoneEquivalenceTests {
    /// Spellings of one telephone each, read with the country's own region as the default.
    static let same: [(region: String, spellings: [String])] = [
        ("MX", ["+525512345678", "+5215512345678", "+52 1 55 1234 5678", "525512345678", "5215512345678", "55 1234 5678",
                "00525512345678", "0115215512345678", "+52 044 55 1234 5678"]),
        ("AR", ["+5491123456789", "+541123456789", "+54 9 11 2345-6789", "011 15 2345-6789", "+54 11 15 2345-6789",
                "11 15 2345 6789", "5491123456789", "541123456789", "0054 9 11 2345 6789"]),
        ("AR", ["+5493512345678", "+543512345678", "0351 15 234-5678"]),
        ("BR", ["+5511987654321", "+551187654321", "11 98765-4321", "011 98765-4321", "+55 (11) 98765-4321",
                "0 15 11 98765-4321", "5511987654321", "551187654321", "+55 011 98765-4321"]),
        ("BR", ["+5592991234567", "+559291234567", "92 99123-4567"]),
        ("GB", ["+442079460958", "+44 20 7946 0958", "+44 (0)20 7946 0958", "020 7946 0958", "0044 20 7946 0958",
                "442079460958", "2079460958", "(020) 7946-0958", "011 44 20 7946 0958"]),
        ("DE", ["+4915123456789", "+49 (0)151 23456789", "0151 23456789", "004915123456789", "15123456789"]),
        ("IT", ["+390612345678", "06 1234 5678", "+39 (0)6 1234 5678", "00390612345678", "390612345678"]),
        ("FR", ["+33612345678", "06 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678", "33612345678"]),
        ("AU", ["+61412345678", "0412 345 678", "0011 61 412 345 678", "+61 (0)412 345 678"]),
        ("JP", ["+819012345678", "090-1234-5678", "010 81 90 1234 5678", "+81 (0)90 1234 5678"]),
        ("RU", ["+79161234567", "8 (916) 123-45-67", "8~10 7 916 123-45-67", "79161234567", "+7 8 916 123 45 67"]),
        ("CN", ["+8613812345678", "138 1234 5678", "008613812345678"]),
        ("IN", ["+919876543210", "098765 43210", "98765 43210", "+91 (0) 98765 43210"]),
        ("US", ["+14155552671", "(415) 555-2671", "1 415 555 2671", "+1 (0) 415 555 2671", "+1(0)4155552671", "001 ( 0 ) 415 555 2671", "+1 [0] 4155552671"]),
        ("CA", ["+16045550123", "604-555-0123", "1-604-555-0123"]),
    ]

    @Test(arguments: same.indices)
    func everySpellingMeetsEveryOptOut(index: Int) {
        let (region, spellings) = Self.same[index]
        let rules = rules([region])
        for optedOut in spellings {
            let keys = stored(optedOut, .phone, rules)
            #expect(!keys.isEmpty, "\(optedOut)")
            for sent in spellings {
                #expect(!judge(sent, .phone, rules).keys.isDisjoint(with: keys), "\(sent) passed the opt-out of \(optedOut)")
            }
        }
    }

    @Test func differentTelephonesStayApart() {
        for (one, other) in [
            ("+5511987654321", "+5521987654321"), ("+551123456789", "+5511923456789"), ("+551151234567", "+5511951234567"),
            ("+525512345678", "+525512345679"), ("+525512345678", "+15512345678"), ("+5491123456789", "+5491123456780"),
            ("+5512345678", "+521512345678"), ("+390612345678", "+39612345678"),
        ] {
            let all = rules(["MX", "AR", "BR"])
            #expect(judge(one, .phone, all).keys.isDisjoint(with: stored(other, .phone, all)), "\(one) \(other)")
            #expect(judge(other, .phone, all).keys.isDisjoint(with: stored(one, .phone, all)), "\(other) \(one)")
        }
    }

    @Test func oneNormalFormForEquals() throws {
        for (one, other) in [
            ("+5215512345678", "+525512345678"), ("+5491123456789", "+541123456789"), ("+551187654321", "+5511987654321"),
        ] {
            let forms = try [one, other].map { try CanonicalIdentifier(parsing: $0, rules: rules()).normalForm }
            #expect(forms[0] == forms[1])
        }
    }

    @Test func theNormalFormIsItsOwn() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let code: UInt64 = random.pick([52, 521, 54, 549, 55, 559, 1, 44])
            let digits = random.below(9) + 5
            guard let number = number(code: code, digits: digits, &random) else { continue }
            let normal = NumberEquivalence.normalForm(of: number)
            #expect(NumberEquivalence.normalForm(of: normal) == normal, "\(number.text)")
        }
    }

    private func number(code: UInt64, digits: Int, _ random: inout SeededGenerator) -> E164? {
        let value = code * Decimal.power(digits) + random.next() % Decimal.power(digits)
        return E164(value, count: "\(code)".count + digits)
    }

    /// A number without a plus is looked up under all of its readings, and an opt-out covers the likely ones.
    @Test func aNumberWithoutAPlusHasSeveralReadings() throws {
        let rules = rules(["US", "GB"])
        let keys = judge("2079460958", .phone, rules).keys
        #expect(!keys.isDisjoint(with: stored("+12079460958", .phone, rules)))
        #expect(!keys.isDisjoint(with: stored("+442079460958", .phone, rules)))
        #expect(!keys.isDisjoint(with: stored("+2079460958", .phone, rules)))
        let optedOut = try CanonicalIdentifier(parsing: "2079460958", kind: .phone, rules: rules)
        #expect(Set([optedOut.text] + optedOut.otherReadings).isSuperset(of: ["+12079460958", "+442079460958"]))
    }

    @Test func noDefaultRegionLeavesTheInternationalReading() {
        let none = rules([])
        #expect(judge("14155552671", .phone, none).keys == stored("+14155552671", .phone, none))
        #expect(judge("020 7946 0958", .phone, none).problem == .regionUnknown)
    }
}
