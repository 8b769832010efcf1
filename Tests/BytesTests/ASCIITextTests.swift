import Bytes
import Testing

@Suite struct ASCIITextTests {
    /// Every byte, at every place of a word, with neighbours of every kind.
    @Test func lowercaseOfAWordIsThatOfItsBytes() {
        for byte in UInt8.min...UInt8.max {
            let expected = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
            for place in 0..<8 {
                for around in [0x00, 0x41, 0x5a, 0x5b, 0x7f, 0x80, 0xff] as [UInt64] {
                    let shift = UInt64(place * 8)
                    let mask = ~(0xff << shift as UInt64)
                    let word = (around &* 0x0101_0101_0101_0101) & mask | UInt64(byte) << shift
                    #expect(UInt8(truncatingIfNeeded: ASCIIText.lowercase(word) >> shift) == expected)
                }
            }
        }
    }

    func equal(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
        ASCIIText.equal(Array(a).span, Array(b).span)
    }

    func caselessEqual(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
        ASCIIText.caselessEqual(Array(a).span, Array(b).span)
    }

    @Test func equality() {
        let a = Array("Content-Transfer-Encoding: \u{e9}".utf8)
        let b = Array("content-transfer-ENCODING: \u{e9}".utf8)
        for count in 0...a.count {
            #expect(caselessEqual(a[..<count], b[..<count]))
            #expect(equal(a[..<count], a[..<count]))
            guard count > 0 else { continue }
            for i in 0..<count {
                var other = Array(a[..<count])
                other[i] ^= 1
                #expect(!caselessEqual(a[..<count], other))
                #expect(!equal(a[..<count], other))
            }
            #expect(!equal(a[..<count], a[1..<count]))
            #expect(!caselessEqual(a[..<count], a[1..<count]))
        }
        #expect(!caselessEqual("@[`{".utf8, "`{@[".utf8))
    }

    /// Every length, so that every way to load a word is taken.
    @Test func firstIndex() {
        for count in 0..<40 {
            var text = Array(repeating: UInt8(ascii: "."), count: count)
            #expect(ASCIIText.firstIndex(of: UInt8(ascii: "/"), in: text.span) == count)
            for place in 0..<count {
                text[place] = UInt8(ascii: "/")
                #expect(ASCIIText.firstIndex(of: UInt8(ascii: "/"), in: text.span) == place)
                #expect(ASCIIText.firstIndex(of: UInt8(ascii: "/"), in: text.span, from: place + 1) == count)
                text[place] = UInt8(ascii: ".")
            }
        }
    }

    @Test func wordsAtTheEnd() {
        let text = Array("0123456789".utf8)
        for offset in 0...text.count {
            for length in 0...min(8, text.count - offset) {
                var expected: UInt64 = 0
                for i in 0..<length { expected |= UInt64(text[offset + i]) << UInt64(8 * i) }
                #expect(text.span.word(at: offset, length: length) == expected)
            }
        }
    }

    @Test(arguments: [("", 0..<0), ("  ", 2..<2), ("a", 0..<1), (" a b ", 1..<4), ("\ta", 0..<2)])
    func trimming(_ text: String, _ expected: Range<Int>) {
        let bytes = Array(text.utf8)
        #expect(ASCIIText.trimmingBlanks(bytes.span, 0..<bytes.count) == expected)
    }
}
