import CPhoneNumber
import Testing
import TestSupport

@testable import Recipients

/// The fast path against libphonenumber, which decides.
@Suite struct PhoneOracleTests {
    static let regions: [String] = {
        let size = phone_regions(nil, 0)
        var letters = [CChar](repeating: 0, count: size)
        _ = letters.withUnsafeMutableBufferPointer { phone_regions($0.baseAddress, $0.count) }
        return stride(from: 0, to: size, by: 2).map { index in
            String(decoding: letters[index..<(index + 2)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }()

    static let callingCodes: [Int] = {
        var codes = [CInt](repeating: 0, count: 300)
        let count = codes.withUnsafeMutableBufferPointer { phone_calling_codes($0.baseAddress, $0.count) }
        return codes.prefix(count).map { Int($0) }
    }()

    static func example(_ region: String, mobile: Bool) -> E164? {
        let found = phone_example(region, mobile ? 1 : 0)
        return withUnsafeBytes(of: found.digits) { bytes in
            let value = bytes.prefix(Int(found.length)).reduce(UInt64(0)) { $0 * 10 + UInt64($1 &- 0x30) }
            return E164(value, count: Int(found.length))
        }
    }

    /// Every calling code, every beginning of two digits, every length: the plan may call a number settled only if
    /// libphonenumber leaves it as it is. Some prefixes stand behind the area code, as Argentina's 15 for mobiles.
    @Test func settledNumbersAreLeftAlone() throws {
        let plan = NumberingPlan.shared
        var random = SeededGenerator(seed: 2024)
        var settled = 0
        for code in Self.callingCodes {
            for two in 0..<100 {
                for digits in 4...12 {
                    for mobile in code == 54 ? [nil, 2, 3, 4] : [nil] {
                        var national = (0..<digits).map { _ in UInt8(random.below(10)) }
                        (national[0], national[1]) = (UInt8(two / 10), UInt8(two % 10))
                        if let mobile, mobile + 2 <= digits { (national[mobile], national[mobile + 1]) = (1, 5) }
                        let value = national.reduce(UInt64(code)) { $0 * 10 + UInt64($1) }
                        guard let number = E164(value, count: "\(code)".count + digits), plan.isSettled(number) else { continue }
                        settled += 1
                        guard let read = PhoneNumberLibrary.read(international: number), read.number != number else { continue }
                        Issue.record("\(number.text) is read as \(read.number.text)")
                    }
                }
            }
        }
        #expect(settled > 170_000, "\(settled)")
    }

    /// Prefixes too long to be found by chance: carrier codes and area codes left out. The plan must know every one.
    @Test(arguments: [
        "+2981001211234", "+352150021234567", "+611831412345678", "+378812345", "+2614123456", "+57057601234567",
        "+8208210123456", "+54111512345678", "+55015119876543", "+370812345678", "+37580291234567",
        "+52015512345678", "+3606201234567", "+440207946095",
    ])
    func numbersThatChangeAreNotSettled(text: String) throws {
        let digits = text.dropFirst()
        let number = try #require(UInt64(digits).flatMap { E164($0, count: digits.count) })
        let read = PhoneNumberLibrary.read(international: number)
        #expect(read != nil && read?.number != number, "\(read?.number.text ?? "none")")
        #expect(!NumberingPlan.shared.isSettled(number))
    }

    @Test func exampleNumbersOfNearlyAllRegionsNeedNoLibrary() {
        let plan = NumberingPlan.shared
        let examples = Self.regions.compactMap { Self.example($0, mobile: true) }
        #expect(examples.count > 230)
        let settled = examples.filter(plan.isSettled).count
        #expect(settled * 100 >= examples.count * 97, "\(settled) of \(examples.count)")
    }

    /// 200,000 random spellings of numbers around the example numbers of 60 regions and more.
    @Test(arguments: [["US"], ["CA", "US"], ["GB"], ["BR", "MX", "AR"], []])
    func theFastPathFindsTheSameKeys(defaults: [String]) throws {
        let rules = rules(defaults)
        var fast = Normaliser(rules: rules, secret: testSecret, usesFastPath: true)
        var slow = Normaliser(rules: rules, secret: testSecret, usesFastPath: false)
        let examples = Self.regions.compactMap { Self.example($0, mobile: true) }
            + Self.regions.compactMap { Self.example($0, mobile: false) }
        var random = SeededGenerator(seed: 42)
        for _ in 0..<40_000 {
            let spelling = Self.spell(random.pick(examples), &random)
            let bytes = Array(spelling.utf8)
            let (one, other) = (Judgement(bytes, .phone, &fast), Judgement(bytes, .phone, &slow))
            guard one == other else {
                Issue.record("\(spelling) with \(defaults): \(one), by libphonenumber \(other)")
                return
            }
        }
    }

    /// A number near `number`, with or without plus, access code, national zero and punctuation.
    static func spell(_ number: E164, _ random: inout SeededGenerator) -> String {
        var digits = Array("\(number.value)".utf8)
        for _ in 0..<random.below(3) { digits[random.below(digits.count)] = 0x30 + UInt8(random.below(10)) }
        if random.below(8) == 0 { digits.removeLast() }
        if random.below(8) == 0 { digits.append(0x30 + UInt8(random.below(10))) }
        if random.below(6) == 0 { digits.removeFirst(min(digits.count, 1 + random.below(3))) }
        if random.below(8) == 0 { digits.insert(0x30, at: random.below(4)) }
        var text = random.pick(["+", "+", "+", "", "", "00", "011", "0", "1", "+1", "tel:+", "whatsapp:"])
        for digit in digits {
            text += String(UnicodeScalar(digit))
            if random.below(5) == 0 { text += random.pick([" ", "-", ".", "(", ")", ") "]) }
        }
        return text
    }
}
