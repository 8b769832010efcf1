import Foundation
import Signing

// Signs and checks what a test asks for, one JSON object a line in, one line out: so that thousands of cases can be held against
// the signers of botocore and of Vonage's SDK.

struct Case: Decodable {
    var op: String
    // AWS.
    var method: String?
    var target: String?
    var fields: [[String]]?
    /// In base64.
    var body: String?
    var accessKey: String?
    var secret: String
    var token: String?
    var service: String?
    var now: Int64?
    // Vonage.
    var parameters: [[String]]?
    var algorithm: String?
}

func request(_ test: Case) -> AWSRequest {
    let body = Data(base64Encoded: test.body ?? "").map { Array($0) } ?? []
    let fields = (test.fields ?? []).map { AWSRequest.Field(name: Array($0[0].utf8), value: Array($0[1].utf8)) }
    return AWSRequest(
        method: Array((test.method ?? "POST").utf8), target: Array((test.target ?? "/").utf8), fields: fields,
        payloadHash: AWSRequest.payloadHash(body.span))
}

func authorization(_ request: AWSRequest) -> AWSAuthorization.Reading {
    let value = request.fields.first { $0.name == Array("authorization".utf8) }?.value ?? []
    return AWSAuthorization.read(value.span)
}

func answer(_ test: Case) -> String {
    switch test.op {
    case "verify":
        let request = request(test)
        guard case .sigV4(let authorization) = authorization(request) else { return "\(authorization(request))" }
        do throws(AWSSignature.Fault) {
            try AWSSignature.verify(
                request, authorization, credential: AWSCredential(accessKeyID: test.accessKey ?? "", secret: test.secret),
                service: Array((test.service ?? "").utf8), now: test.now ?? 0)
            return "good"
        } catch { return "bad: \(error.message)" }
    case "sign":
        let request = request(test)
        guard case .sigV4(let authorization) = authorization(request) else { return "unsigned" }
        let credential = AWSCredential(accessKeyID: test.accessKey ?? "", secret: test.secret, sessionToken: test.token)
        let added = AWSSignature.sign(request, with: credential, authorization: authorization, now: test.now ?? 0)
        return added.map { "\(String(decoding: $0.name, as: UTF8.self)): \(String(decoding: $0.value, as: UTF8.self))" }
            .joined(separator: "\t")
    case "vonage", "vonage-verify":
        let parameters = (test.parameters ?? []).map {
            VonageSignature.Parameter(name: Array($0[0].utf8), value: Array($0[1].utf8))
        }
        let method = VonageSignature.Method(rawValue: test.algorithm ?? "") ?? .md5
        if test.op == "vonage" {
            return String(decoding: VonageSignature.sign(parameters, secret: Array(test.secret.utf8), method: method), as: UTF8.self)
        }
        do throws(VonageSignature.Fault) {
            try VonageSignature.verify(parameters, secret: Array(test.secret.utf8), method: method, now: test.now ?? 0)
            return "good"
        } catch { return "bad: \(error)" }
    default: return "unknown op \(test.op)"
    }
}

// Not print: through a pipe it would keep the answers back until it has a block of them.
func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

while let line = readLine() {
    do {
        say(answer(try JSONDecoder().decode(Case.self, from: Data(line.utf8))))
    } catch {
        say("not a case: \(error)")
    }
}
