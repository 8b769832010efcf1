import Testing

@testable import Recipients

@Suite struct PhoneSpellingTests {
    /// Spellings of +1 415 555 2671 that every parser reads alike.
    static let agreed = [
        "+14155552671", "14155552671", "4155552671", "+1 415 555 2671", "+1-415-555-2671", "+1.415.555.2671",
        "+1 (415) 555-2671", "(415) 555-2671", "(415)555-2671", "415-555-2671", "415.555.2671", "415 555 2671",
        "1 415 555 2671", "1-415-555-2671", "1.415.555.2671", "1 (415) 555-2671", "1(415)5552671", " +14155552671",
        "+14155552671 ", "  415 555 2671  ", "+1 4155552671", "+1415 5552671", "+1415555 2671", "(+1) 415 555 2671",
        "( +1 ) 415-555-2671", "+ 1 415 555 2671", "+1--415--555--2671", "+1 - 415 - 555 - 2671", "(415)-555-2671",
        "415-5552671", "415555-2671", "(4155552671)", "+(1)4155552671", "+1(415)(555)(2671)", "0014155552671",
        "00 1 415 555 2671", "00-1-415-555-2671", "01114155552671", "011 1 415 555 2671", "011-1-415-555-2671",
        "(00)14155552671", "+1 4 1 5 5 5 5 2 6 7 1", "4 1 5 5 5 5 2 6 7 1", "+1..415..555..2671", "1415.555.2671",
        "tel:+14155552671", "tel:+1-415-555-2671", "sms:+14155552671", "whatsapp:+14155552671", "whatsapp:+1 415 555 2671",
        "tel:4155552671", "whatsapp:14155552671",
    ]

    /// Spellings that some parser reads as the same number and another does not.
    static let unusual = [
        "１４１５５５５２６７１", "+１４１５５５５２６７１", "＋1 415 555 2671", "＋１（４１５）５５５－２６７１", "+1٤١٥٥٥٥٢٦٧١",
        "+۱۴۱۵۵۵۵۲۶۷۱", "+१४१५५५५२६७१", "+1৪১৫৫৫৫২৬৭১", "+๑๔๑๕๕๕๕๒๖๗๑", "①④①⑤⑤⑤⑤②⑥⑦①", "+¹⁴¹⁵⁵⁵⁵²⁶⁷¹", "+₁₄₁₅₅₅₅₂₆₇₁",
        "+𝟏𝟒𝟏𝟓𝟓𝟓𝟓𝟐𝟔𝟕𝟏", "+𝟷𝟺𝟷𝟻𝟻𝟻𝟻𝟸𝟼𝟽𝟷", "⁺14155552671", "﹢14155552671", "+1\u{a0}415\u{a0}555\u{a0}2671",
        "+1\u{ad}4155552671", "+1\u{200b}415\u{200b}555\u{200b}2671", "+1\u{2060}4155552671", "+1\u{3000}415\u{3000}5552671",
        "+1\u{2010}415\u{2010}555\u{2010}2671", "+1\u{2011}415\u{2011}5552671", "+1\u{2012}4155552671", "+1–415–555–2671",
        "+1—415—555—2671", "+1\u{2015}4155552671", "+1−415−555−2671", "+1ー415ー555ー2671", "+1－415－555－2671",
        "+1ｰ415ｰ5552671", "+1．415．555．2671", "+1／415／5552671", "+1/415/555/2671", "415/555-2671", "+1 [415] 555-2671",
        "[+1] 415 555 2671", "［415］5552671", "\u{202d}+14155552671\u{202c}", "\u{200e}+14155552671", "\u{200f}+14155552671",
        "+1415\u{202a}555\u{202c}2671", "\u{2066}+14155552671\u{2069}", "\u{061c}+14155552671", "TEL:+14155552671",
        "Tel:+1-415-555-2671", "SMS:+14155552671", "WhatsApp:+14155552671", "ｔｅｌ:+14155552671", " tel:+14155552671",
        "tel:+14155552671;ext=12", "+14155552671x12", "+14155552671 x12", "+1 415 555 2671 X 12", "415-555-2671 ext. 12",
        "415-555-2671 ext 12", "415-555-2671 extn 12", "(415) 555-2671 extension 12", "+14155552671ext12", "+14155552671#12",
        "+14155552671 #12", "+14155552671#", "+14155552671,12", "+14155552671,,12", "+14155552671,200#", "+14155552671~12",
        "+1 415 555-BNR1", "415-555-BOP1", "+1415555AMP1", "415 JKL ANP1", "４１５．５５５．２６７１", "(４１５) ５５５ ２６７１",
        "+1\u{2007}415\u{2007}5552671", "+1\u{202f}415\u{202f}5552671", "+1\u{2009}4155552671", "tel://+14155552671",
    ]

    static let key = stored("+14155552671").first!

    @Test(arguments: agreed)
    func agreedSpellingsShareTheKey(text: String) {
        let judged = judge(text, .phone)
        #expect(judged.keys.contains(Self.key), "\(judged)")
        #expect(judged.spelling == .agreed)
        #expect(stored(text, .phone).contains(Self.key))
    }

    @Test(arguments: unusual)
    func unusualSpellingsShareTheKeyAndAreMarked(text: String) throws {
        let judged = judge(text, .phone)
        #expect(judged.spelling == .unusual, "\(judged)")
        #expect(judged.keys.contains(Self.key))
        #expect(stored(text, .phone).contains(Self.key))
    }

    /// Numbers one slip away from it. None may meet its opt-out.
    static let nearMisses = [
        "+14155552670", "+14155552672", "+14155552617", "+14155552761", "+14155556271", "+11455552671", "+24155552671",
        "+441415555267", "+1415555267", "+141555526711", "+4155552671", "+414155552671", "+514155552671", "+1 416 555 2671",
        "416-555-2671", "4155552672", "4155552670", "5155552671", "+7 415 555 26 71", "+1 800 555 2671", "0415 555 2671",
        "+１４１５５５５２６７２", "+14155552672x1", "tel:+14155552672", "+1 415 555-AMP2", "+52 415 555 2671",
    ]

    @Test(arguments: nearMisses)
    func nearMissesStayApart(text: String) {
        #expect(!judge(text, .phone).keys.contains(Self.key))
        #expect(!stored(text, .phone).contains(Self.key))
    }

    @Test func theListsAreLongEnough() {
        #expect(Set(Self.agreed + Self.unusual).count >= 100)
        #expect(Self.agreed.count + Self.unusual.count == Set(Self.agreed + Self.unusual).count)
    }

    /// The keypad by libphonenumber's own words.
    @Test(arguments: [
        ("1-800-FLOWERS", "+18003569377"), ("1 800 GOT JUNK", "+18004685865"), ("800-CALL-ATT", "+18002255288"),
        ("+1 888 WXYZ ABC", "+18889999222"), ("1-877-DEF-GHIJ", "+18773334445"), ("1-866-MNO-PQRS", "+18666667777"),
        ("1-855-TUV-WXYZ", "+18558889999"),
    ])
    func lettersFollowTheKeypad(text: String, number: String) {
        #expect(stored(text, .phone) == stored(number))
        #expect(!judge(text, .phone).keys.isDisjoint(with: stored(number)))
    }

    static let refused: [(String, IdentifierProblem)] = [
        ("", .empty), (" ", .notANumber), ("+", .notANumber), ("()", .notANumber), ("-", .notANumber), ("1", .tooShort),
        ("12", .tooShort), ("123", .shortCode), ("12345", .shortCode), ("40404", .shortCode), ("123456", .shortCode),
        ("+123456", .tooShort), ("+1234567890123456", .tooLong), ("1234567890123456", .tooLong),
        ("1234567890123456789012", .tooLong), ("+0014155552671", .noSuchCountryCode), ("+04155552671", .noSuchCountryCode),
        ("ACME", .alphanumericSender), ("Stopgate", .alphanumericSender), ("FLOWERS", .alphanumericSender),
        ("1-A", .alphanumericSender), ("800-ABC", .alphanumericSender), ("++14155552671", .strayPlus),
        ("1+4155552671", .strayPlus), ("+1+4155552671", .strayPlus), ("+1415555+2671", .strayPlus),
        ("+14155552671,+14155552672", .severalNumbers), ("14155552671,14155552672", .severalNumbers),
        ("+14155552671;+14155552672", .severalNumbers), ("+14155552671;phone-context=+1", .severalNumbers),
        ("4155552671, 4155552672", .severalNumbers), ("#14155552671", .severalNumbers), ("*67 415 555 2671", .notANumber),
        ("sip:+14155552671", .notANumber), ("client:joe", .notANumber), ("+1415555267\u{0}1", .controlCharacter),
        ("+14155552671\n", .controlCharacter), ("+14155552671\r\nTo: x", .controlCharacter), ("\t+14155552671", .controlCharacter),
        ("+1415\u{feff}5552671", .invisibleCharacter), ("1\u{fe0f}\u{20e3}4155552671", .invisibleCharacter),
        ("+1415\u{2028}5552671", .controlCharacter), ("+1415\u{3164}5552671", .invisibleCharacter), ("+1415\u{34f}5552671", .invisibleCharacter),
        ("%2B14155552671", .notANumber), ("+1415555267½", .notANumber), ("+1 четыре", .notANumber), ("joe@example.com", .notANumber),
        (String(repeating: " ", count: 65) + "+14155552671", .tooLong), (String(repeating: "1", count: 300), .tooLong),
        ("02079460958", .regionUnknown), ("0004155552671", .regionUnknown),
    ]

    @Test(arguments: refused)
    func refusesWithTheCause(text: String, problem: IdentifierProblem) {
        #expect(judge(text, .phone).problem == problem)
    }

    @Test func refusesWhatIsNotText() {
        #expect(Judgement([0x2b, 0x31, 0xff, 0x34], .phone, rules()).problem == .invalidEncoding)
    }
}
