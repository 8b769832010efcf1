import Testing

@testable import Audit

@Suite struct DigestTests {
    private func sha256(_ text: String) -> String {
        var hasher = BodyHasher()
        _ = hasher.digest(Array("something before".utf8).span)
        return hasher.digest(Array(text.utf8).span).description
    }

    /// FIPS 180-4 examples, as NIST prints them.
    @Test func sha256OfTheStandardsExamples() {
        #expect(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    private func hmac(key: [UInt8], _ first: String, _ second: String) -> String {
        key.withUnsafeBytes { raw in
            let authenticator = HMACSHA256(key: raw)
            var text = ""
            for _ in 0..<2 {
                text = Array(first.utf8).withUnsafeBytes { a in
                    Array(second.utf8).withUnsafeBytes { authenticator.authenticate(a, $0).description }
                }
            }
            return text
        }
    }

    /// RFC 4231, test cases 1, 2 and 6.
    @Test func hmacOfTheRFCsExamples() {
        #expect(
            hmac(key: Array(repeating: 0x0b, count: 20), "Hi", " There")
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            hmac(key: Array("Jefe".utf8), "", "what do ya want for nothing?")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hmac(key: Array(repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - ", "Hash Key First")
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func aDigestReadsWhatItPrints() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(AuditDigest(text)?.description == text)
        #expect(AuditDigest(text.uppercased()) == nil)
        #expect(AuditDigest(String(text.dropLast())) == nil)
        #expect(AuditDigest(text + "0") == nil)
    }
}
