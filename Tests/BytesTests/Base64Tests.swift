import Bytes
import Testing

@Suite struct Base64Tests {
    func decode(_ text: String, _ alphabet: Base64.Alphabet = .standard) -> (bytes: [UInt8], fault: Int?) {
        var out = GrowableBytes()
        let fault = Base64.decode(Array(text.utf8).span, alphabet, into: &out)
        return (Array(out.bytes), fault)
    }

    func encode(_ bytes: [UInt8], _ alphabet: Base64.Alphabet = .standard) -> String {
        var out = GrowableBytes()
        Base64.encode(bytes.span, alphabet, into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func vectors(_ plain: String, _ coded: String) {
        #expect(encode(Array(plain.utf8)) == coded)
        #expect(decode(coded).fault == nil)
        #expect(decode(coded).bytes == Array(plain.utf8))
        let bare = String(coded.filter { $0 != "=" })
        #expect(encode(Array(plain.utf8), .url) == bare)
        #expect(decode(bare, .url).bytes == Array(plain.utf8))
    }

    @Test func everyLengthAndByte() {
        for count in 0..<260 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) }
            for alphabet in [Base64.Alphabet.standard, .url] {
                let read = decode(encode(bytes, alphabet), alphabet)
                #expect(read.fault == nil)
                #expect(read.bytes == bytes)
            }
        }
        #expect(encode([0xfb, 0xff, 0xfe]) == "+//+")
        #expect(encode([0xfb, 0xff, 0xfe], .url) == "-__-")
    }

    @Test(arguments: [
        ("Zg", 2), ("Zg=", 3), ("Zm9v\n", 5), ("Zm 9", 2), ("Z===", 1), ("====", 0), ("=", 1), ("Zg==Zg==", 2), ("Zh==", 1), ("Zm9=", 2),
        ("-__-", 0), ("Zm9v====", 4), ("Zm9vZ===", 5),
    ])
    func refuses(_ text: String, _ offset: Int) { #expect(decode(text).fault == offset) }

    @Test(arguments: [("Zg==", 2), ("+//+", 0), ("Z", 1), ("Zh", 1), ("Zm9vZ", 5)])
    func refusesInURLs(_ text: String, _ offset: Int) { #expect(decode(text, .url).fault == offset) }

    /// Strictness: no two texts of four characters decode to the same bytes.
    @Test func oneSpellingEach() {
        var seen: Set<[UInt8]> = []
        let alphabet = "ABCQRgwx+/8="
        for a in alphabet { for b in alphabet { for c in alphabet { for d in alphabet {
            let read = decode(String([a, b, c, d]))
            if read.fault == nil { #expect(seen.insert(read.bytes).inserted) }
        } } } }
        #expect(seen.count > 1000)
    }
}
