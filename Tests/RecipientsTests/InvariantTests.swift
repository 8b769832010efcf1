import CPhoneNumber
import Testing
import TestSupport

@testable import Recipients

/// A send in any spelling meets the opt-out in any spelling: see ``CanonicalIdentifier``.
@Suite struct InvariantTests {
    /// Every region's example numbers in national and international spellings, with that region as a default.
    @Test(arguments: PhoneOracleTests.regions)
    func everySpellingOfANumberMeetsEveryOptOut(region: String) throws {
        let rules = rules(region == "US" ? ["US"] : ["US", region])
        for mobile in [true, false] {
            guard let number = PhoneOracleTests.example(region, mobile: mobile) else { continue }
            let spellings = Self.spellings(of: number, national: Self.national(region, mobile: mobile))
            let candidates = spellings.map { judge($0, .phone, rules).keys }
            for optedOut in spellings {
                let keys = stored(optedOut, .phone, rules)
                for (sent, candidates) in zip(spellings, candidates) where candidates.isDisjoint(with: keys) {
                    Issue.record("\(sent) passed the opt-out of \(optedOut) in \(region)")
                }
            }
        }
    }

    static func national(_ region: String, mobile: Bool) -> String {
        var text = [CChar](repeating: 0, count: 64)
        let count = text.withUnsafeMutableBufferPointer { phone_example_national(region, mobile ? 1 : 0, $0.baseAddress, $0.count) }
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func spellings(of number: E164, national: String) -> [String] {
        let digits = "\(number.value)"
        let spaced = digits.map(String.init).joined(separator: " ")
        let full = String(String.UnicodeScalarView(digits.unicodeScalars.map { Unicode.Scalar($0.value + 0xfee0)! }))
        return ["+" + digits, digits, "00" + digits, "011" + digits, "+" + spaced, "tel:+" + digits, "＋" + full, "+\(digits)x9"]
            // Six digits and fewer are refused as short codes.
            + (national.filter(\.isWholeNumber).count >= 7 ? [national, national + " ext. 9"] : [])
    }

    /// One digit off is another telephone, save where two spellings are one by ``NumberEquivalence``.
    @Test func neighboursStayApart() {
        let rules = rules([])
        var random = SeededGenerator(seed: 5)
        let examples = PhoneOracleTests.regions.compactMap { PhoneOracleTests.example($0, mobile: true) }
        for _ in 0..<20_000 {
            let number = random.pick(examples)
            var digits = Array("\(number.value)".utf8)
            let place = digits.count - 1 - random.below(5)
            digits[place] = 0x30 + (digits[place] - 0x30 + 1 + UInt8(random.below(9))) % 10
            let other = "+" + String(decoding: digits, as: UTF8.self)
            if !judge(other, .phone, rules).keys.isDisjoint(with: stored(number.text, .phone, rules)) {
                Issue.record("\(other) meets the opt-out of \(number.text)")
                return
            }
        }
    }

    /// Random text from the alphabet of each kind: what the normaliser takes, the control plane takes too, and they meet.
    @Test(arguments: [IdentifierKind.phone, .email])
    func whatIsReadMeetsItsOwnOptOut(kind: IdentifierKind) throws {
        let rules = rules(["US", "GB", "BR"])
        var normaliser = Normaliser(rules: rules, secret: testSecret)
        var random = SeededGenerator(seed: 99)
        var read = 0
        for _ in 0..<30_000 {
            let text = kind == .phone ? Self.phoneText(&random) : Self.mailText(&random)
            let judged = Judgement(Array(text.utf8), kind, &normaliser)
            guard judged.problem == nil else {
                if let identifier = try? CanonicalIdentifier(parsing: text, kind: kind, rules: rules) {
                    Issue.record("\(text) is \(judged) to a send and \(identifier.text) to an opt-out")
                }
                continue
            }
            read += 1
            let identifier = try CanonicalIdentifier(parsing: text, kind: kind, rules: rules)
            let keys = identifier.keys(secret: testSecret)
            var bulk = CandidateKeys()
            let bytes = Array(text.utf8)
            try normaliser.storedKeys(of: bytes.span, kind: kind, into: &bulk)
            let again = try CanonicalIdentifier(parsing: identifier.text, kind: kind, rules: rules)
            guard !judged.keys.isDisjoint(with: keys), Set(keys) == Set(bulk.indices.map { bulk[$0] }),
                again.text == identifier.text, again.normalForm == identifier.normalForm,
                !Judgement(Array(again.text.utf8), kind, &normaliser).keys.isDisjoint(with: keys)
            else {
                Issue.record("\(text) is \(identifier.text), then \(again.text)")
                return
            }
        }
        #expect(read > 5000, "\(read)")
    }

    static func phoneText(_ random: inout SeededGenerator) -> String {
        let starts = ["+", "+", "", "00", "011", "0", "+1", "1", "+44", "44", "+55", "+521", "+549", "+261", "+54", "+7", "tel:", "＋"]
        let middles = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "9", " ", "-", "(", ")", "٣", "９", "b", "~"]
        let ends = ["", "", "", "", "x1", ",,2", "#", ";ext=3", " ext 4", "~5"]
        var text = random.pick(starts)
        for _ in 0..<(5 + random.below(10)) { text += random.pick(middles) }
        return text + random.pick(ends)
    }

    static func mailText(_ random: inout SeededGenerator) -> String {
        let local = ["a", "B", "jo", ".", "+", "é", "ß", "Ω", "ﬁ", "ｘ", "-", "\"q\"", "(c)", " ", "\\", "=", "?", "İ", "ſ", "\u{345}"]
        let domain = ["a", "Example", ".com", ".", "-", "bücher", "ß", "ｘ", "。", "xn--bcher-kva", "(c)", " ", "1", "ς", "İ"]
        var text = random.pick(["", "", "", "<", "Jo <", "\"J, D\" <"])
        let isAngled = text.hasSuffix("<")
        for _ in 0...random.below(4) { text += random.pick(local) }
        text += random.below(3) == 0 ? "+tag@" : "@"
        for _ in 0...random.below(3) { text += random.pick(domain) }
        return text + random.pick([".com", ".org", "@gmail.com", ""]) + (isAngled ? ">" : "")
    }

    /// The fast path for addresses against the parser that takes every one apart.
    @Test func theFastPathReadsAddressesAlike() {
        var fast = Normaliser(rules: rules(), secret: testSecret, usesFastPath: true)
        var slow = Normaliser(rules: rules(), secret: testSecret, usesFastPath: false)
        var random = SeededGenerator(seed: 12)
        let pieces = ["a", "b.c", "X", "-", "_", ".", "+", "@", "@", "gmail.com", "example.com", ".co", "xn--", "1", "=?", "/", "'", "<", ">", " "]
        for _ in 0..<60_000 {
            var text = ""
            for _ in 0...random.below(7) { text += random.pick(pieces) }
            let bytes = Array(text.utf8)
            let (one, other) = (Judgement(bytes, .email, &fast), Judgement(bytes, .email, &slow))
            guard one == other else {
                Issue.record("\(text): \(one), by the parser \(other)")
                return
            }
        }
    }
}
