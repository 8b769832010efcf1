import Bytes
import Testing

@Suite struct PercentDecodingTests {
    func decode(_ text: String, plusIsBlank: Bool = false) -> (text: String, fault: Int?) {
        var out = GrowableBytes()
        let fault = PercentDecoding.decode(Array(text.utf8).span, plusIsBlank: plusIsBlank, into: &out)
        return (String(decoding: out.bytes, as: UTF8.self), fault)
    }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41%62%7e", "Ab~"), ("a%2Fb", "a/b"), ("%e2%82%ac", "\u{20ac}"), ("a+b", "a+b"), ("%25%34%31", "%41"), ("%20", " "),
    ])
    func reads(_ text: String, _ expected: String) {
        #expect(decode(text).text == expected)
        #expect(decode(text).fault == nil)
    }

    @Test func plus() {
        #expect(decode("+a+%2B+", plusIsBlank: true).text == " a + ")
        #expect(decode("+a+%2B+").text == "+a+++")
    }

    @Test(arguments: [("%", 0), ("a%", 1), ("a%4", 1), ("%zz", 0), ("%4z", 0), ("ab%u0041", 2), ("%%41", 0), ("%41%", 3)])
    func namesTheBadEscape(_ text: String, _ offset: Int) { #expect(decode(text).fault == offset) }
}
