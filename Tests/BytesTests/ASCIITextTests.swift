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

    @Test(arguments: [("", 0..<0), ("  ", 2..<2), ("a", 0..<1), (" a b ", 1..<4), ("\ta", 0..<2)])
    func trimming(_ text: String, _ expected: Range<Int>) {
        let bytes = Array(text.utf8)
        #expect(ASCIIText.trimmingBlanks(bytes.span, 0..<bytes.count) == expected)
    }
}
