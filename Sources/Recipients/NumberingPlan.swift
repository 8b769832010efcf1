/// Which international numbers mean what they say: those in which libphonenumber can find no national prefix to take away.
/// It lets nearly all traffic pass without a call to libphonenumber.
///
/// The table holds, for each country calling code, the digits with which the national prefix of its main region can start
/// (`nationalPrefixForParsing` in libphonenumber's metadata, versions 8.12.57 and 9.0.43 taken together). A number whose
/// national part starts with another digit is left alone by libphonenumber. A code that is missing here costs time, never
/// correctness; the tests compare every code in the table with the library.
struct NumberingPlan: Sendable {
    /// Indexed by calling code. Bit 15: known; bits 0 to 9: first digits of the national part that need libphonenumber.
    private let codes: [UInt16]

    static let shared = NumberingPlan()

    private init() {
        var codes = [UInt16](repeating: 0, count: 1000)
        for code in Self.withoutPrefix { codes[code] = Self.known }
        for code in Self.prefixedByZero { codes[code] = Self.known | 1 << 0 }
        for (code, digits) in Self.special {
            codes[code] = digits.reduce(Self.known) { $0 | 1 << $1 }
        }
        self.codes = codes
    }

    /// How many digits the calling code of `number` has, or `nil` when it is in none of the lists.
    private func callingCodeLength(of number: E164) -> Int? {
        // No calling code is the beginning of another.
        for length in 1...3 where codes[Int(number.prefix(length))] & Self.known != 0 { return length }
        return nil
    }

    func knowsCallingCode(of number: E164) -> Bool { callingCodeLength(of: number) != nil }

    /// Whether libphonenumber reads `+number` as exactly `number`, or not at all.
    func isSettled(_ number: E164) -> Bool {
        guard let length = callingCodeLength(of: number) else { return false }
        let code = Int(number.prefix(length))
        let first = number.prefix(length + 1) % 10
        if codes[code] & 1 << UInt16(first) == 0 { return true }
        // Two codes where whole classes of mobile numbers start with a digit of the prefix.
        let two = number.prefix(length + 2) % 100
        switch code {
        case 55: return first == 9 && two != 90
        case 86: return first == 1 && two != 11 && two != 12 && two != 17
        default: return false
        }
    }

    /// The digit that is the whole national prefix behind the calling code of `number`.
    /// - Returns: `nil` where prefixes are longer, or have digits behind them that go too, and where the code is not known.
    func trunkDigit(of number: E164) -> (digit: UInt64, callingCodeLength: Int)? {
        guard let length = callingCodeLength(of: number) else { return nil }
        let code = Int(number.prefix(length))
        switch code {
        case 1, 692: return (1, length)
        case 7, 992, 993, 998: return (8, length)
        // Text relay in Britain: +44 18002 0.
        case 44: return number.count > length && number.prefix(length + 1) % 10 == 1 ? nil : (0, length)
        case 36, 57, 81, 82, 241, 591: return nil
        default: return codes[code] == Self.known | 1 ? (0, length) : nil
        }
    }

    /// The Mexican number without the abolished mobile 1, which WhatsApp still shows: `+52 1` and 10 digits.
    /// - Returns: `nil` when `number` is no such number.
    func withoutMexicanOne(_ number: E164) -> E164? {
        guard number.count == 13, number.prefix(3) == 521, number.prefix(4) % 10 > 1 else { return nil }
        return NumberEquivalence.normalForm(of: number)
    }

    private static let known: UInt16 = 1 << 15

    private static let withoutPrefix = [
        30, 34, 39, 45, 47, 48, 56, 65, 216, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 235, 236, 237, 238, 239,
        240, 242, 244, 245, 246, 247, 248, 253, 257, 258, 266, 267, 268, 269, 290, 297, 299, 350, 351, 354, 356, 357, 371,
        372, 376, 420, 500, 501, 502, 503, 504, 505, 507, 509, 592, 597, 599, 670, 673, 674, 675, 676, 677, 678, 679, 680,
        681, 682, 683, 685, 687, 688, 689, 690, 691, 800, 808, 852, 853, 870, 878, 881, 882, 883, 888, 960, 965, 968, 973,
        974, 975, 979,
    ]

    private static let prefixedByZero = [
        20, 27, 31, 32, 33, 36, 40, 41, 43, 44, 46, 49, 51, 53, 57, 58, 60, 62, 63, 64, 66, 81, 82, 84, 90, 91, 92, 93, 94,
        95, 98, 211, 212, 213, 218, 231, 232, 233, 234, 241, 243, 249, 250, 251, 252, 254, 255, 256, 260, 262, 263, 264, 265,
        291, 353, 355, 358, 359, 373, 374, 377, 380, 381, 382, 383, 385, 386, 387, 389, 421, 508, 590, 591, 593, 594, 595,
        596, 598, 686, 850, 855, 856, 880, 886, 961, 962, 963, 964, 966, 967, 970, 971, 972, 976, 977, 994, 995, 996,
    ]

    private static let special: [(code: Int, digits: [UInt16])] = [
        (1, [1]), (7, [8]), (52, [0, 1]), (54, [0, 1, 2, 3]), (55, [0, 9]), (61, [0, 1]), (86, [0, 1]),
        (261, [0, 2, 4, 5, 6, 7, 8, 9]), (298, [1]), (352, [1]), (370, [0, 8]), (375, [0, 8]), (378, [8, 9]),
        (423, [0, 1]), (506, [1]), (672, [0, 1, 2, 5, 8]), (692, [1]), (992, [8]), (993, [8]), (998, [8]),
    ]
}
