import Signing
import Testing

@Suite struct AWSSignatureTests {
    /// The key and the moment of the suite of test requests that AWS publishes for Signature Version 4.
    static let credential = AWSCredential(accessKeyID: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    static let now: Int64 = 1_440_938_160

    static func request(
        _ method: String = "GET", _ target: String = "/", _ fields: [(String, String)] = [], body: String = ""
    ) -> AWSRequest {
        let all = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")] + fields
        return AWSRequest(
            method: Array(method.utf8), target: Array(target.utf8),
            fields: all.map { .init(name: Array($0.0.utf8), value: Array($0.1.utf8)) }, payloadHash: AWSRequest.payloadHash(body.utf8.span))
    }

    static func authorization(_ signature: String, names: String = "host;x-amz-date", scope: String = "20150830/us-east-1/service") -> AWSAuthorization.Reading {
        AWSAuthorization.read("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\(scope)/aws4_request, SignedHeaders=\(names), Signature=\(signature)".utf8.span)
    }

    static func verify(_ request: AWSRequest, _ reading: AWSAuthorization.Reading, service: String = "service", now: Int64 = now) throws {
        guard case .sigV4(let authorization) = reading else { throw AWSSignature.Fault.form("unread") }
        try AWSSignature.verify(request, authorization, credential: credential, service: Array(service.utf8), now: now)
    }

    @Test(arguments: [
        ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ])
    func publishedSuite(_ method: String, _ target: String, _ signature: String) throws {
        try Self.verify(Self.request(method, target), Self.authorization(signature))
    }

    @Test func clockMayBeAQuarterOfAnHourOff() throws {
        let reading = Self.authorization("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        try Self.verify(Self.request(), reading, now: Self.now + 900)
        try Self.verify(Self.request(), reading, now: Self.now - 900)
        #expect(throws: AWSSignature.Fault.expired) { try Self.verify(Self.request(), reading, now: Self.now + 901) }
        #expect(throws: AWSSignature.Fault.expired) { try Self.verify(Self.request(), reading, now: Self.now - 901) }
    }

    @Test func whatIsNotCoveredIsRefused() {
        let reading = Self.authorization("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        #expect(throws: AWSSignature.Fault.self) { try Self.verify(Self.request("GET", "/", [("x-amz-target", "Other")]), reading) }
        #expect(throws: AWSSignature.Fault.self) { try Self.verify(Self.request(), reading, service: "ses") }
        #expect(throws: AWSSignature.Fault.self) { try Self.verify(Self.request("GET", "/", [("host", "second.example")]), reading) }
        #expect(throws: AWSSignature.Fault.mismatch) { try Self.verify(Self.request(body: "x"), reading) }
        let otherDay = Self.authorization(String(repeating: "0", count: 64), scope: "20150831/us-east-1/service")
        #expect(throws: AWSSignature.Fault.self) { try Self.verify(Self.request(), otherDay) }
        let noHost = Self.authorization(String(repeating: "0", count: 64), names: "x-amz-date")
        #expect(throws: AWSSignature.Fault.form("host must be among the SignedHeaders")) { try Self.verify(Self.request(), noHost) }
    }

    @Test(arguments: ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
    func payloadsThatAreNotSignedAreRefused(_ hash: String) {
        let reading = Self.authorization(String(repeating: "0", count: 64), names: "host;x-amz-content-sha256;x-amz-date")
        let error = #expect(throws: AWSSignature.Fault.self) { try Self.verify(Self.request("POST", "/", [("x-amz-content-sha256", hash)]), reading) }
        #expect(error != .mismatch)
    }

    @Test func whatIsSignedAnewVerifies() throws {
        guard case .sigV4(let theirs) = Self.authorization(String(repeating: "0", count: 64)) else {
            Issue.record("unread")
            return
        }
        let later = Self.now + 5
        let other = AWSCredential(accessKeyID: "AKIDEXAMPLE", secret: "other", sessionToken: "token")
        var request = Self.request("POST", "/v2/email/outbound-emails", [("content-type", "application/json"), ("user-agent", "a")], body: "{}")
        let added = AWSSignature.sign(request, with: other, authorization: theirs, now: later)
        #expect(added.map { String(decoding: $0.name, as: UTF8.self) } == ["x-amz-date", "x-amz-security-token", "authorization"])
        request.fields.removeAll { $0.name == Array("x-amz-date".utf8) }
        request.fields += added
        guard let value = added.last?.value, case .sigV4(let ours) = AWSAuthorization.read(value.span) else {
            Issue.record("unread")
            return
        }
        #expect(ours.region == theirs.region && ours.service == theirs.service)
        #expect(ours.signedHeaders.map { String(decoding: $0, as: UTF8.self) } == ["content-type", "host", "x-amz-date", "x-amz-security-token"])
        try AWSSignature.verify(request, ours, credential: other, service: Array("service".utf8), now: later)
    }
}
