import Signing
import Testing

@Suite struct AWSAuthorizationTests {
    static let signature = String(repeating: "ab", count: 32)

    @Test func reads() {
        let text = "AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/sms-voice/aws4_request,SignedHeaders=content-type;host;x-amz-date,Signature=\(Self.signature)"
        guard case .sigV4(let value) = AWSAuthorization.read(text.utf8.span) else {
            Issue.record("unread")
            return
        }
        #expect(value.accessKeyID == Array("AKIA".utf8))
        #expect(value.region == Array("eu-west-1".utf8))
        #expect(value.service == Array("sms-voice".utf8))
        #expect(value.signedHeaders == ["content-type", "host", "x-amz-date"].map { Array($0.utf8) })
    }

    @Test func namesVersion4a() {
        let text = "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261122/ses/aws4_request, SignedHeaders=host, Signature=30450221"
        #expect(AWSAuthorization.read(text.utf8.span) == .sigV4a)
    }

    @Test(arguments: ["Bearer AWS4-HMAC-SHA256", "Basic QUtJQQ==", "", "AWS4-HMAC-SHA2567 Credential=a", "AWS4-HMAC-SHA512 Credential=a"])
    func leavesOthersAlone(_ text: String) { #expect(AWSAuthorization.read(text.utf8.span) == .other) }

    @Test(arguments: [
        "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256,Credential=a",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=host, Signature=SIG, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=host, Signature=SIG, Other=1",
        "AWS4-HMAC-SHA256 Credential=AKIA/2026112/r/s/aws4_request, SignedHeaders=host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4, SignedHeaders=host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/x/20261122/r/s/aws4_request, SignedHeaders=host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122//s/aws4_request, SignedHeaders=host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r s/s/aws4_request, SignedHeaders=host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=Host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=x-amz-date;host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=host;host, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=host;, Signature=SIG",
        "AWS4-HMAC-SHA256 Credential=AKIA/20261122/r/s/aws4_request, SignedHeaders=host, Signature=abc",
    ])
    func refusesWhatIsNotWellFormed(_ text: String) {
        let text = text.replacing("SIG", with: Self.signature)
        guard case .malformed = AWSAuthorization.read(text.utf8.span) else {
            Issue.record("read: \(text)")
            return
        }
    }
}
