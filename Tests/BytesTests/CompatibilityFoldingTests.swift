import Bytes
import Testing

@Suite struct CompatibilityFoldingTests {
    func fold(_ text: String) -> String {
        var out: [UInt8] = []
        CompatibilityFolding.fold(Array(text.utf8).span, into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test(arguments: [
        ("abc", "abc"), ("ABC", "abc"), ("\u{ff21}\u{ff22}", "ab"), ("\u{c9}", "\u{e9}"), ("E\u{301}", "\u{e9}"), ("\u{df}", "ss"), ("\u{1e9e}", "ss"),
        ("\u{fb03}", "ffi"), ("\u{2121}", "tel"), ("\u{b2}", "2"), ("\u{212a}", "k"), ("\u{17f}", "s"), ("\u{3c2}", "\u{3c3}"),
        ("\u{200b}a\u{200d}b\u{feff}", "ab"), ("a\u{ad}b", "ab"), ("\u{3000}a b\u{a0}", "a b"), ("\u{200b}", ""), ("e\u{200b}\u{301}", "\u{e9}"),
        ("\u{1d400}", "a"), ("\u{24b6}", "a"), ("\u{e0041}a", "a"), ("\u{115f}a", "a"), ("\u{ffa0}a", "a"), ("\u{442}\u{41e}", "\u{442}\u{43e}"), ("\u{1f600}", "\u{1f600}"),
    ])
    func folds(_ text: String, _ expected: String) {
        #expect(fold(text).utf8.elementsEqual(expected.utf8))
        #expect(fold(fold(text)).utf8.elementsEqual(expected.utf8))
    }

    /// Folding once is enough for every scalar there is, alone and beside a letter: comparing folded forms needs no second pass.
    @Test func foldingAgainChangesNothing() {
        for value in stride(from: UInt32(0xa0), through: 0x1ffff, by: 1) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let once = fold("x" + String(scalar))
            #expect(once.utf8.elementsEqual(fold(once).utf8), "U+\(String(value, radix: 16))")
        }
    }

    @Test func appendsAndSurvivesWhatIsNotUTF8() {
        var out: [UInt8] = [1]
        CompatibilityFolding.fold(([0xff, 0x41, 0xe2] as [UInt8]).span, into: &out)
        #expect(out.first == 1)
        #expect(out.count > 1)
    }
}
