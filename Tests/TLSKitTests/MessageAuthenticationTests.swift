import Testing
import TLSKit

/// Vectors: RFC 2202 (HMAC-SHA-1), RFC 4231 (HMAC-SHA-256), FIPS 180-4 examples.
struct MessageAuthenticationTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    @Test func hmacSHA1MatchesRFC2202() {
        #expect(hex(MessageAuthentication.hmacSHA1(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
            == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        #expect(hex(MessageAuthentication.hmacSHA1(key: .init(repeating: 0xaa, count: 80), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)))
            == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
    }

    @Test func hmacSHA256MatchesRFC4231() {
        #expect(hex(MessageAuthentication.hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
            == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(hex(MessageAuthentication.hmacSHA256(key: [], []))
            == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func sha256MatchesFIPS180() {
        #expect(hex(MessageAuthentication.sha256(Array("abc".utf8)))
            == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hex(MessageAuthentication.sha256([]))
            == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func equalComparesLengthAndEveryByte() {
        let code = MessageAuthentication.sha256([1, 2, 3])
        #expect(MessageAuthentication.equal(code, code))
        #expect(MessageAuthentication.equal([], []))
        #expect(!MessageAuthentication.equal(code, Array(code.dropLast())))
        for index in code.indices {
            var other = code
            other[index] ^= 1
            #expect(!MessageAuthentication.equal(code, other))
        }
    }

    @Test func randomBytesHaveTheLengthAskedForAndDiffer() {
        #expect(MessageAuthentication.randomBytes(0).isEmpty)
        #expect(MessageAuthentication.randomBytes(33).count == 33)
        #expect(MessageAuthentication.randomBytes(16) != MessageAuthentication.randomBytes(16))
    }
}
