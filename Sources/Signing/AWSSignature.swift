import Bytes
import TLSKit

/// Signs requests, and checks signatures, with AWS Signature Version 4 (HMAC-SHA-256).
///
/// Source: AWS IAM User Guide, "Create a signed AWS API request"; compared with botocore's signer in Tests/SDKTests.
public enum AWSSignature {
    /// How far a request's time may be from ours; AWS itself allows 5 to 15 minutes.
    public static let skew: Int64 = 15 * 60

    /// What is wrong with a signature. The text is for the developer of the sender and holds no secret.
    public enum Fault: Error, Equatable, Sendable {
        /// The digest is not the one the key gives.
        case mismatch
        /// `x-amz-date` is more than ``skew`` away from the gate's clock.
        case expired
        /// The request or the signature is not of the form that can be checked.
        case form(String)

        public var message: String {
            switch self {
            case .mismatch: "it does not match: check the secret key, and that nothing changes the request on its way"
            case .expired: "x-amz-date is more than 15 minutes off: set the sender's clock"
            case .form(let text): text
            }
        }
    }

    // MARK: Checking

    /// Checks the signature a client made.
    /// - Parameters:
    ///   - request: the request as the client sent it, `authorization` left out or not.
    ///   - service: the service the endpoint belongs to, as it stands in the credential scope: `ses`.
    ///   - now: seconds since 1970.
    /// - Throws: the first thing wrong. The comparison takes the same time wherever the digests differ.
    public static func verify(
        _ request: AWSRequest, _ authorization: AWSAuthorization, credential: AWSCredential, service: [UInt8], now: Int64
    ) throws(Fault) {
        guard authorization.service == service else { throw .form("the credential scope names another service than this endpoint's") }
        guard let stamp = request.only("x-amz-date"), let time = AWSTime.parse(stamp) else {
            throw .form("it needs one x-amz-date such as 20261122T010203Z")
        }
        guard stamp.starts(with: authorization.date) else { throw .form("x-amz-date is of another day than the credential scope") }
        let signed = Set(authorization.signedHeaders)
        guard signed.contains(Array("host".utf8)), request.only("host") != nil else { throw .form("host must be among the SignedHeaders") }
        for field in request.fields where isAmazon(field.name) && !signed.contains(field.name) {
            throw .form("every x-amz- header must be among the SignedHeaders")
        }
        for name in authorization.signedHeaders where !request.fields.contains(where: { $0.name == name }) {
            throw .form("a header of the SignedHeaders is missing")
        }
        if let stated = request.only("x-amz-content-sha256"), stated != request.payloadHash {
            throw isHash(stated) ? .mismatch : .form("x-amz-content-sha256 must be the SHA-256 of the body: unsigned and streaming payloads are not taken")
        } else if request.has("x-amz-content-sha256"), request.only("x-amz-content-sha256") == nil {
            throw .form("x-amz-content-sha256 occurs more than once")
        }
        let expected = signature(
            of: request, names: authorization.signedHeaders, stamp: stamp, date: authorization.date, region: authorization.region,
            service: authorization.service, secret: credential.secret)
        let given = authorization.signature.map(\.asciiLowercased)
        guard MessageAuthentication.equal(expected, given) else { throw .mismatch }
        guard (time - now).magnitude <= UInt64(skew) else { throw .expired }
    }

    // MARK: Signing

    /// The names of the client's fields that ``sign(_:as:authorization:now:)`` replaces.
    public static let withdrawn = ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]

    /// Signs a request for the region and service of the client's own credential scope.
    /// - Parameters:
    ///   - request: the request as it will reach AWS: its path, its `host`, the hash of its body. Fields that will not go on must
    ///     not be in it. The client's own ``withdrawn`` fields may be.
    ///   - now: seconds since 1970.
    /// - Returns: the fields to add: `x-amz-date`, `x-amz-content-sha256` and `x-amz-security-token` where they belong, and last
    ///   `authorization`.
    public static func sign(
        _ request: AWSRequest, with credential: AWSCredential, authorization: AWSAuthorization, now: Int64
    ) -> [AWSRequest.Field] {
        var request = request
        let token = credential.sessionToken ?? request.only("x-amz-security-token")
        let statesHash = request.has("x-amz-content-sha256")
        request.fields.removeAll { field in withdrawn.contains { $0.utf8.elementsEqual(field.name) } }
        let stamp = AWSTime.format(now)
        var added = [AWSRequest.Field(name: Array("x-amz-date".utf8), value: stamp)]
        if statesHash { added.append(.init(name: Array("x-amz-content-sha256".utf8), value: request.payloadHash)) }
        if let token { added.append(.init(name: Array("x-amz-security-token".utf8), value: token)) }
        request.fields += added
        let names = Set(request.fields.map(\.name).filter(isSigned)).sorted { $0.lexicographicallyPrecedes($1) }
        let date = Array(stamp[..<8])
        let digest = signature(
            of: request, names: names, stamp: stamp, date: date, region: authorization.region, service: authorization.service,
            secret: credential.secret)
        var value = Array("AWS4-HMAC-SHA256 Credential=".utf8) + credential.accessKeyID + [UInt8(ascii: "/")]
        value += scope(date, authorization.region, authorization.service)
        value += Array(", SignedHeaders=".utf8) + names.joined(separator: [UInt8(ascii: ";")])
        value += Array(", Signature=".utf8) + digest
        added.append(.init(name: Array("authorization".utf8), value: value))
        return added
    }

    /// `host`, `content-type` and all `x-amz-` fields: what AWS asks for. Others may be changed by the connection.
    private static func isSigned(_ name: [UInt8]) -> Bool {
        isAmazon(name) || name.elementsEqual("host".utf8) || name.elementsEqual("content-type".utf8)
    }

    private static func isAmazon(_ name: [UInt8]) -> Bool { name.starts(with: "x-amz-".utf8) }

    private static func isHash(_ text: [UInt8]) -> Bool { text.count == 64 && text.allSatisfy(\.isASCIIHexDigit) }

    // MARK: The digest

    private static func scope(_ date: [UInt8], _ region: [UInt8], _ service: [UInt8]) -> [UInt8] {
        [date, region, service, Array("aws4_request".utf8)].joined(separator: [UInt8(ascii: "/")]).map { $0 }
    }

    private static func signature(
        of request: AWSRequest, names: [[UInt8]], stamp: [UInt8], date: [UInt8], region: [UInt8], service: [UInt8], secret: [UInt8]
    ) -> [UInt8] {
        let canonical = AWSCanonicalRequest.text(request, names: names)
        var text = Array("AWS4-HMAC-SHA256\n".utf8) + stamp + [0x0a] + scope(date, region, service) + [0x0a]
        text += AWSRequest.hexadecimal(MessageAuthentication.sha256(canonical))
        var key = MessageAuthentication.hmacSHA256(key: Array("AWS4".utf8) + secret, date)
        key = MessageAuthentication.hmacSHA256(key: key, region)
        key = MessageAuthentication.hmacSHA256(key: key, service)
        key = MessageAuthentication.hmacSHA256(key: key, Array("aws4_request".utf8))
        return AWSRequest.hexadecimal(MessageAuthentication.hmacSHA256(key: key, text))
    }
}
