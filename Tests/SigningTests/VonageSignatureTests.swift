import Signing
import Testing

@Suite struct VonageSignatureTests {
    static func parameters(_ pairs: [(String, String)]) -> [VonageSignature.Parameter] {
        pairs.map { .init(name: Array($0.0.utf8), value: Array($0.1.utf8)) }
    }

    static let plain = parameters([("param2", "value2"), ("timestamp", "1234567890"), ("param1", "value1")])
    static let secret = Array("signature_secret".utf8)

    /// From vonage-http-client's tests and Vonage's documentation.
    @Test(arguments: [
        (VonageSignature.Method.sha256, "280c4320703dbc98bfa22db676655ed2acfbfe8792b062ff7622e67f1183c287"),
        (.md5, "724c2bf6ca423c36e20631b11d1c5753"), (.sha1, "e4ebfd0ecd877fed7b414b5c87d0d7dfebb10a19"),
        (.md5hash, "d72f75ac8cda9bbce891c4fa62bee6cd"),
    ])
    func vectors(_ method: VonageSignature.Method, _ expected: String) throws {
        #expect(String(decoding: VonageSignature.sign(Self.plain, secret: Self.secret, method: method), as: UTF8.self) == expected)
        let signed = Self.plain + Self.parameters([("sig", expected.uppercased())])
        try VonageSignature.verify(signed, secret: Self.secret, method: method, now: 1_234_567_890)
    }

    @Test func specialCharacters() {
        let parameters = Self.parameters([("param1", "value&1"), ("param2", "value=2"), ("timestamp", "1234567890")])
        let digest = VonageSignature.sign(parameters, secret: Self.secret, method: .md5)
        #expect(String(decoding: digest, as: UTF8.self) == "2bbf0abafb2c55e5af6231513896a2ac")
    }

    @Test func refusesWhatIsOldRepeatedOrUndated() {
        let sig = String(decoding: VonageSignature.sign(Self.plain, secret: Self.secret, method: .sha256), as: UTF8.self)
        let signed = Self.plain + Self.parameters([("sig", sig)])
        func fault(_ parameters: [VonageSignature.Parameter], now: Int64 = 1_234_567_890) -> VonageSignature.Fault? {
            do throws(VonageSignature.Fault) {
                try VonageSignature.verify(parameters, secret: Self.secret, method: .sha256, now: now)
                return nil
            } catch { return error }
        }
        #expect(fault(signed) == nil)
        #expect(fault(signed, now: 1_234_567_890 + 901) == .expired)
        #expect(fault(signed, now: 1_234_567_890 - 901) == .expired)
        #expect(fault(signed + Self.parameters([("param1", "value1")])) == .repeated)
        #expect(fault(Self.plain) == .mismatch)
        #expect(fault(signed.filter { $0.name != Array("timestamp".utf8) }) == .missingTimestamp)
        #expect(fault(Self.parameters([("sig", sig), ("timestamp", "-9223372036854775808")])) == .mismatch)
    }
}
