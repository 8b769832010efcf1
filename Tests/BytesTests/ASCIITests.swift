import Bytes
import Testing

@Suite struct ASCIITests {
    @Test(arguments: UInt8.min...UInt8.max)
    func agreesWithTheStandardLibrary(byte: UInt8) {
        let character = Character(Unicode.Scalar(byte))
        let isASCII = byte < 0x80
        #expect(byte.isASCIIDigit == (isASCII && character.isWholeNumber))
        #expect(byte.isASCIILetter == (isASCII && character.isLetter))
        #expect(byte.isASCIIUppercase == (isASCII && character.isUppercase))
        #expect(byte.isASCIIAlphanumeric == (isASCII && (character.isLetter || character.isWholeNumber)))
        #expect(byte.isASCIIHexDigit == (isASCII && character.isHexDigit))
        #expect(byte.hexDigitValue == (isASCII ? character.hexDigitValue.map { UInt8($0) } : nil))
        #expect(byte.isASCIIControl == (byte < 0x20 || byte == 0x7f))
        #expect(byte.isASCIIBlank == (byte == 9 || byte == 32))
        let small = isASCII ? character.lowercased().utf8.first : byte
        #expect(byte.asciiLowercased == small)
    }
}
