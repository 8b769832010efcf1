import CPhoneNumber
import Foundation
import Testing
import TestSupport

@testable import Recipients

/// Generated spellings of generated numbers of every region, read by us and by libphonenumber itself.
/// `STOPGATE_PHONE_SPELLINGS` sets how many; 9,000 by default. loadtest/results/phones.md has a long run.
@Suite struct PhoneLibraryTests {
    private static let total = ProcessInfo.processInfo.environment["STOPGATE_PHONE_SPELLINGS"].flatMap(Int.init) ?? 9_000

    /// What was compared. Every field is a count of spellings.
    private struct Counts {
        var spellings = 0
        /// The library reads the text as a number of a possible length.
        var readByLibrary = 0
        /// The number of the library is among those a send is looked up under, and an opt-out is stored under it.
        var equal = 0
        /// There is no other number that an opt-out is stored under.
        var exactlyOne = 0
        /// Written with a plus, and settled without the library.
        var withoutLibrary = 0
        var byStyle: [String: (read: Int, equal: Int)] = [:]
    }

    @Test func everyRegionIsReadAsTheLibraryReadsIt() throws {
        let regions = PhoneOracleTests.regions.filter { PhoneOracleTests.example($0, mobile: true) != nil }
        #expect(regions.count >= 60)
        let each = (Self.total + regions.count - 1) / regions.count
        var counts = Counts(), random = SeededGenerator(seed: 60)
        for region in regions { try compare(region, each, &random, &counts) }
        print("""
            phone spellings: \(counts.spellings) of \(regions.count) regions; read by libphonenumber \(counts.readByLibrary), equal \(counts.equal), \
            of them one number only \(counts.exactlyOne); settled by the fast path \(counts.withoutLibrary)
            """)
        for (style, count) in counts.byStyle.sorted(by: { $0.key < $1.key }) { print("  \(style): \(count.equal) of \(count.read)") }
        #expect(counts.spellings >= Self.total && counts.equal == counts.readByLibrary)
        #expect(counts.readByLibrary * 10 > counts.spellings * 8, "most spellings are numbers to the library")
        #expect(counts.withoutLibrary * 10 > counts.spellings, "the fast path is among what is compared")
    }

    private func compare(_ region: String, _ count: Int, _ random: inout SeededGenerator, _ counts: inout Counts) throws {
        let rules = rules([region])
        var fast = Normaliser(rules: rules, secret: testSecret, usesFastPath: true)
        var slow = Normaliser(rules: rules, secret: testSecret, usesFastPath: false)
        let patterns = [true, false].compactMap { Pattern(region, mobile: $0) }
        var made = 0
        while made < count {
            guard let (number, pattern) = Self.number(patterns, &random) else { continue }
            for (style, text) in pattern.spellings(of: number, &random) where made < count {
                made += 1
                counts.spellings += 1
                let bytes = Array(text.utf8)
                let judged = Judgement(bytes, .phone, &fast)
                if judged != Judgement(bytes, .phone, &slow) { Issue.record("\(text) in \(region): the fast path says \(judged)") }
                if text.hasPrefix("+"), NumberingPlan.shared.isSettled(number) { counts.withoutLibrary += 1 }
                guard let read = Self.library(bytes, region) else { continue }
                counts.readByLibrary += 1
                counts.byStyle[style, default: (0, 0)].read += 1
                var stored = CandidateKeys()
                let isStored = (try? fast.storedKeys(of: bytes.span, kind: .phone, into: &stored)) != nil
                let keys = Set(stored.indices.map { stored[$0] })
                guard isStored, judged.keys.contains(RecipientKey(phone: read, secret: testSecret)),
                    keys.contains(RecipientKey(phone: Self.settled(read), secret: testSecret))
                else {
                    Issue.record("\(text) in \(region) is \(read.text) to libphonenumber, to us \(judged), stored under \(keys.count) keys")
                    continue
                }
                counts.equal += 1
                counts.byStyle[style, default: (0, 0)].equal += 1
                if keys.count == 1 { counts.exactlyOne += 1 }
            }
        }
    }

    /// A number that is assigned, near the example that a pattern was made of.
    private static func number(_ patterns: [Pattern], _ random: inout SeededGenerator) -> (E164, Pattern)? {
        let pattern = random.pick(patterns)
        var digits = Array("\(pattern.example.value)".utf8)
        let free = max(3, digits.count - pattern.callingCodeLength - 2)
        for place in (digits.count - free)..<digits.count { digits[place] = 0x30 + UInt8(random.below(10)) }
        guard let number = library([0x2b] + digits, "ZZ", least: 3), "\(number.value)".utf8.elementsEqual(digits) else { return nil }
        return (number, pattern)
    }

    /// The C interface itself, none of our reading in between.
    /// - Parameter least: the least status; 2 is a possible length, 3 an assigned range.
    static func library(_ text: [UInt8], _ region: String, least: UInt8 = 2) -> E164? {
        let found = text.withUnsafeBufferPointer { phone_parse($0.baseAddress, $0.count, region) }
        guard found.status >= least else { return nil }
        let value = withUnsafeBytes(of: found.digits) { $0.prefix(Int(found.length)).reduce(UInt64(0)) { $0 * 10 + UInt64($1 &- 0x30) } }
        return E164(value, count: Int(found.length))
    }

    /// What the library makes of its own answer, until it stays.
    private static func settled(_ number: E164) -> E164 {
        var current = number
        for _ in 0..<15 {
            guard let next = library(Array(current.text.utf8), "ZZ"), next != current else { return current }
            current = next
        }
        return current
    }
}

/// How people of a region write a kind of number: its punctuation and national prefix, taken from the library's own example.
private struct Pattern {
    let example: E164
    let callingCodeLength: Int
    /// The example in the national way.
    let national: String
    /// What stands before the national number at home, `nil` where more than that changes.
    let prefix: String?

    init?(_ region: String, mobile: Bool) {
        guard let example = PhoneOracleTests.example(region, mobile: mobile) else { return nil }
        self.example = example
        callingCodeLength = "\(phone_calling_code(region))".count
        national = InvariantTests.national(region, mobile: mobile)
        let significant = String("\(example.value)".dropFirst(callingCodeLength)), dialled = national.filter(\.isNumber)
        prefix = dialled.hasSuffix(significant) ? String(dialled.dropLast(significant.count)) : nil
    }

    /// Spellings of `number`, which is as long as the example, with the name of each style.
    func spellings(of number: E164, _ random: inout SeededGenerator) -> [(String, String)] {
        let digits = "\(number.value)", code = String(digits.prefix(callingCodeLength)), rest = String(digits.dropFirst(callingCodeLength))
        let separator = random.pick([" ", "-", ".", "  ", " - "])
        let spaced = Self.split(rest, by: separator, &random)
        var all = [
            ("+E.164", "+" + digits), ("+ spaced", "+\(code) \(spaced)"), ("+ dashed", "+\(code)-" + Self.split(rest, by: "-", &random)),
            ("+ in parentheses", "+\(code) (\(rest.prefix(2))) \(rest.dropFirst(2))"), ("(+code)", "(+\(code)) \(spaced)"),
            ("00", "00" + digits), ("00 spaced", "00 \(code) \(spaced)"), ("011", "011" + digits), ("digits", digits), ("digits spaced", "\(code) \(spaced)"),
            ("full width +", Self.fullWidth("+" + digits)), ("full width", Self.fullWidth(digits)), ("tel:", "tel:+" + digits),
            ("no-break", "+\(code)\u{a0}" + Self.split(rest, by: "\u{a0}", &random)), ("extension", "+\(digits) ext. \(1 + random.below(9999))"),
            ("bare national number", rest), ("bare national number spaced", spaced),
        ]
        if let prefix {
            // Numbers of six digits and fewer are refused as short codes.
            if prefix.count + rest.count >= 7 {
                all += [
                    ("national", prefix + rest), ("national spaced", prefix + spaced), ("national full width", Self.fullWidth(prefix + rest)),
                    ("national, punctuated", Self.fill(national, with: prefix + rest)),
                ]
            }
            if prefix == "0" { all.append(("+code (0)", "+\(code) (0) \(spaced)")) }
        }
        // Six digits and fewer are short codes to us and local numbers to the library.
        return all.filter { $0.1.filter(\.isNumber).count >= 7 }
    }

    private static func split(_ digits: String, by separator: String, _ random: inout SeededGenerator) -> String {
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 1, place < digits.count - 1, random.below(3) == 0 { text += separator }
            text.append(digit)
        }
        return text
    }

    /// The template with its digits replaced in order.
    private static func fill(_ template: String, with digits: String) -> String {
        var rest = digits[...]
        return String(template.map { $0.isNumber ? rest.popFirst() ?? $0 : $0 })
    }

    private static func fullWidth(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { Unicode.Scalar($0.value + 0xfee0) ?? $0 }))
    }
}
