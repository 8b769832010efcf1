import Testing
import TestSupport

@testable import Recipients

/// The table of ``NumberEquivalence`` for generated numbers, both ways: a send in either spelling meets an opt-out of the other.
@Suite struct EquivalenceTableTests {
    /// A row of the table: the two ways to write a telephone, made of its random digits.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let regions: [String]
        let digits: Int
        let one: @Sendable (String) -> String
        let other: @Sendable (String) -> String
    }

    private static let brazilianAreas = ["11", "19", "21", "27", "31", "48", "51", "61", "71", "81", "85", "92"]

    static let equal: [Row] = [
        Row(testDescription: "+52 and +521", regions: ["MX", "US"], digits: 10, one: { "+52" + $0 }, other: { "+521" + $0 }),
        Row(testDescription: "+54 and +549", regions: ["AR", "US"], digits: 10, one: { "+54" + $0 }, other: { "+549" + $0 }),
        Row(testDescription: "Brazil, 8 and 9 digits", regions: ["BR", "US"], digits: 10, one: { brazil($0, "") }, other: { brazil($0, "9") }),
    ]

    /// An area code, and eight digits from 6 on.
    private static func brazil(_ digits: String, _ ninth: String, from first: Int = 6, _ span: Int = 4) -> String {
        let numbers = digits.compactMap(\.wholeNumberValue)
        let area = brazilianAreas[(numbers[0] * 10 + numbers[1]) % brazilianAreas.count]
        return "+55\(area)\(ninth)\(first + numbers[2] % span)\(digits.dropFirst(3))"
    }

    @Test(arguments: equal) func eitherSpellingMeetsTheOther(_ row: Row) {
        let rules = rules(row.regions)
        var random = SeededGenerator(seed: 521), pairs = 0
        for _ in 0..<3000 {
            let digits = Self.digits(row.digits, &random)
            let spellings = [row.one(digits), row.other(digits)].flatMap { Self.spellings(of: $0, &random) }
            let sent = spellings.map { judge($0, .phone, rules).keys }
            for optedOut in spellings {
                let keys = stored(optedOut, .phone, rules)
                for (spelling, sent) in zip(spellings, sent) where !optedOut.isEmpty {
                    pairs += 1
                    if keys.isEmpty || sent.isDisjoint(with: keys) {
                        Issue.record("\(spelling) passed the opt-out of \(optedOut)")
                        return
                    }
                }
            }
        }
        #expect(pairs == 3000 * 36)
    }

    /// A fixed line of Brazil and the mobile number with a nine before the same digits are two telephones.
    @Test func aBrazilianFixedLineStaysApart() {
        let rules = rules(["BR"])
        var random = SeededGenerator(seed: 55)
        for _ in 0..<3000 {
            let digits = Self.digits(10, &random)
            let (line, mobile) = (Self.brazil(digits, "", from: 2), Self.brazil(digits, "9", from: 2))
            for (optedOut, sent) in [(line, mobile), (mobile, line)] {
                #expect(judge(sent, .phone, rules).keys.isDisjoint(with: stored(optedOut, .phone, rules)), "\(sent) meets \(optedOut)")
            }
        }
    }

    /// Another last digit is another telephone, in either spelling.
    @Test(arguments: equal) func neighboursStayApart(_ row: Row) {
        let rules = rules(row.regions)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3000 {
            var digits = Self.digits(row.digits, &random)
            let one = row.one(digits)
            let last = digits.removeLast().wholeNumberValue ?? 0
            let other = row.other(digits + "\((last + 1 + random.below(9)) % 10)")
            #expect(judge(other, .phone, rules).keys.isDisjoint(with: stored(one, .phone, rules)), "\(other) meets \(one)")
            #expect(judge(one, .phone, rules).keys.isDisjoint(with: stored(other, .phone, rules)), "\(one) meets \(other)")
        }
    }

    /// The first digit from 2 up: area codes begin so in all three countries' numbers, or nearly.
    private static func digits(_ count: Int, _ random: inout SeededGenerator) -> String {
        "\(2 + random.below(8))" + (1..<count).map { _ in "\(random.below(10))" }.joined()
    }

    private static func spellings(of number: String, _ random: inout SeededGenerator) -> [String] {
        let digits = number.dropFirst()
        return [number, String(digits), "+\(digits.prefix(2)) \(digits.dropFirst(2).prefix(4))-\(digits.dropFirst(6))"]
    }
}
