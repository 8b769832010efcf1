import Bytes
import Testing
import TestSupport

@Suite struct UTF8ValidationTests {
    /// Ill-formed sequences of the Unicode standard and of RFC 3629, each with the index of the first bad byte.
    static let illFormed: [(bytes: [UInt8], index: Int)] = [
        ([0x80], 0), ([0xbf], 0), ([0x41, 0x80], 1), ([0xc0, 0x80], 0), ([0xc1, 0xbf], 0), ([0xc2], 0), ([0xc2, 0x41], 0),
        ([0xe0, 0x80, 0x80], 0), ([0xe0, 0x9f, 0xbf], 0), ([0xe1, 0x80], 0), ([0xe2, 0x82, 0x41], 0), ([0xed, 0xa0, 0x80], 0),
        ([0xed, 0xbf, 0xbf], 0), ([0xf0, 0x80, 0x80, 0x80], 0), ([0xf0, 0x8f, 0xbf, 0xbf], 0), ([0xf0, 0x9f, 0x98], 0),
        ([0xf4, 0x90, 0x80, 0x80], 0), ([0xf5, 0x80, 0x80, 0x80], 0), ([0xff], 0), ([0xfe], 0), ([0xc3, 0xa9, 0xc3], 2),
        (Array("12345678é".utf8) + [0xff], 10),
    ]

    @Test(arguments: illFormed)
    func findsTheFirstBadByte(bytes: [UInt8], index: Int) {
        let found = UTF8Validation.firstInvalid(in: bytes.span)
        #expect(found == index)
    }

    @Test(arguments: ["", "a", "12345678", "1234567é", "é", "€", "\u{10ffff}", "\u{fffe}", "aé€😀 and more text", "\0"])
    func acceptsText(text: String) {
        let bytes = Array(text.utf8)
        let isValid = UTF8Validation.isValid(bytes.span)
        #expect(isValid)
    }

    @Test func agreesWithTheStandardLibrary() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<100_000 {
            let length = Int(random.next() % 12)
            // Bytes near the borders of the ranges meet the rules more often than even ones would.
            let borders: [UInt8] = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4]
            let bytes = (0..<length).map { _ in borders[Int(random.next() % UInt64(borders.count))] }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            let isValid = UTF8Validation.isValid(bytes.span)
            #expect(isValid == expected, "\(bytes)")
        }
    }
}
