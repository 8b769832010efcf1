import Testing

@testable import Intake

/// Vectors from twilio-python 9.13.0, tests/unit/test_request_validator.py, and computed with its SDK for SHA-256.
@Suite struct TwilioSignatureTests {
    static let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    static let withPort = "https://mycompany.com:443/myapp.php?foo=1&bar=2"
    static let parameters = [
        FormField("CallSid", "CA1234567890ABCDE"), FormField("Digits", "1234"), FormField("From", "+14158675309"),
        FormField("To", "+18005551212"), FormField("Caller", "+14158675309"),
    ]
    static let plain = "RSOYDt4T1cUTdK1PDd93/VVr8B8=", ported = "kvajT1Ptam85bY51eRf/AJRuM3w="
    static let sha256 = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="

    private func verify(_ url: String, _ signature: String, _ fields: [FormField] = parameters, token: String = "12345") -> Bool {
        TwilioSignature.verify(token: token, url: url, parameters: fields, signature: signature)
    }

    @Test func vectorsHoldWithAndWithoutThePort() {
        #expect(verify(Self.url, Self.plain) && verify(Self.withPort, Self.plain))
        #expect(verify(Self.url, Self.ported) && verify(Self.withPort, Self.ported))
        #expect(!verify("https://mycompany.com:8443/myapp.php?foo=1&bar=2", Self.ported))
        #expect(!verify("http://mycompany.com/myapp.php?foo=1&bar=2", Self.plain))
    }

    @Test func sharedKeyVariant() {
        func verify(_ token: String) -> Bool {
            TwilioSignature.verify(token: token, url: Self.url, parameters: Self.parameters, signature: Self.sha256, algorithm: .hmacSHA256)
        }
        #expect(verify("12345") && !verify("12346"))
        #expect(!self.verify(Self.url, Self.sha256))
    }

    @Test func repeatedKeysAreSortedAndCountedOnce() {
        let fields = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
        #expect(verify(Self.url, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", fields.map { FormField($0, $1) }))
        #expect(verify(Self.url, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", fields.reversed().map { FormField($0, $1) }))
    }

    @Test func jsonBodiesAreSignedThroughTheirDigest() {
        let body = Array(#"{"property": "value", "boolean": true}"#.utf8)
        let url = Self.url + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        func verify(_ url: String, _ body: [UInt8]) -> Bool {
            TwilioSignature.verify(token: "12345", url: url, body: body, signature: "a9nBmqA0ju/hNViExpshrM61xv4=")
        }
        #expect(verify(url, body))
        #expect(!verify(url, body + [0x20]))
        #expect(!verify(Self.url, body))
        #expect(!verify(url + "&bodySHA256=00", body))
    }

    @Test func whateverIsChangedBreaksIt() {
        for index in Self.parameters.indices {
            var fields = Self.parameters
            fields[index] = FormField(name: fields[index].name, value: fields[index].value + [0x21])
            #expect(!verify(Self.url, Self.plain, fields))
            fields.remove(at: index)
            #expect(!verify(Self.url, Self.plain, fields))
        }
        for index in 0..<Self.plain.utf8.count {
            var bytes = Array(Self.plain.utf8)
            bytes[index] ^= 1
            #expect(!verify(Self.url, String(decoding: bytes, as: UTF8.self)))
        }
        for signature in ["", "=", Self.plain + "=", " " + Self.plain, String(Self.plain.dropLast())] { #expect(!verify(Self.url, signature)) }
        #expect(!verify(Self.url, Self.plain, token: "12346") && !verify(Self.url, Self.plain, token: ""))
        #expect(!verify(Self.url + "&", Self.plain))
    }

    @Test(arguments: [
        ("https://h/p", "https://h:443/p", "https://h/p"), ("http://h", "http://h:80", "http://h"),
        ("https://h:8443?q=a:1", "https://h:8443?q=a:1", "https://h?q=a:1"), ("HTTPS://u:p@h/x:1", "HTTPS://u:p@h:443/x:1", "HTTPS://u:p@h/x:1"),
        ("https://[::1]/p", "https://[::1]:443/p", "https://[::1]/p"), ("https://[::1]:8443/p", "https://[::1]:8443/p", "https://[::1]/p"),
        ("ftp://h", "ftp://h", "ftp://h"), ("", "", ""), ("https://", "https://:443", "https://"),
    ])
    func portsAreWrittenAndLeftOut(_ url: String, _ with: String, _ without: String) {
        #expect(PortSpelling.with(url) == with && PortSpelling.without(url) == without)
    }

    @Test func settingsHeader() {
        let settings = TwilioSignatureSettings(header: "key=SK12, algorithm=HMAC_SHA256")
        #expect(settings?.keyID == "SK12" && settings?.algorithm == .hmacSHA256)
        for header in ["", "key=a", "algorithm=HMAC_SHA256", "key=a,algorithm=MD5", "key=a,key=b,algorithm=HMAC_SHA256", "key=,algorithm=HMAC_SHA256"] {
            #expect(TwilioSignatureSettings(header: header) == nil, "\(header)")
        }
    }
}
