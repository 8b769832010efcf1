import Bytes
import TLSKit

/// The `sig` parameter of Vonage's SMS API: a digest over all the other parameters.
///
/// `&name=value` for each parameter in ascending order of the names, `&` and `=` in values written as `_`. Then MD5 of that text and
/// the secret, or an HMAC of it under the secret; which one is a setting of the account.
///
/// Source: Vonage developer documentation, "Signing messages"; vonage-http-client 1.5.2, auth.py.
public enum VonageSignature {
    public enum Method: String, Sendable, CaseIterable { case md5hash, md5, sha1, sha256, sha512 }

    public struct Parameter: Sendable, Equatable {
        /// Decoded.
        public var name: [UInt8]
        public var value: [UInt8]

        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// How far `timestamp` may be from the gate's clock: Vonage defines no bound, and calls old requests replays.
    public static let skew: Int64 = 15 * 60

    public enum Fault: Error, Equatable, Sendable { case mismatch, expired, missingTimestamp, repeated }

    /// The digest in lower-case hexadecimal digits.
    /// - Parameter parameters: all parameters of the request; `sig` among them is left out.
    public static func sign(_ parameters: [Parameter], secret: [UInt8], method: Method) -> [UInt8] {
        digest(parameters.filter { !$0.name.elementsEqual("sig".utf8) }, secret, method)
    }

    /// Checks the `sig` of a request.
    /// - Parameter now: seconds since 1970.
    /// - Throws: what is wrong. The comparison takes the same time wherever the digests differ.
    public static func verify(_ parameters: [Parameter], secret: [UInt8], method: Method, now: Int64) throws(Fault) {
        let names = Set(parameters.map(\.name))
        guard names.count == parameters.count else { throw .repeated }
        guard let given = parameters.first(where: { $0.name.elementsEqual("sig".utf8) })?.value else { throw .mismatch }
        guard let stamp = parameters.first(where: { $0.name.elementsEqual("timestamp".utf8) })?.value,
            let time = Int64(String(decoding: stamp, as: UTF8.self))
        else { throw .missingTimestamp }
        let lowered = given.map(\.asciiLowercased)
        let documented = MessageAuthentication.equal(sign(parameters, secret: secret, method: method), lowered)
        let bySDK = MessageAuthentication.equal(digest(asPythonSDK(parameters, names), secret, method), lowered)
        guard documented || bySDK else { throw .mismatch }
        guard time.subtractingReportingOverflow(now).partialValue.magnitude <= UInt64(skew) else { throw .expired }
    }

    /// The fields of an SMS that Vonage's Python SDK (4.9) signs as `None`, `sig` included, and then does not send.
    private static let unsentFields = [
        "account-ref", "body", "callback", "client-ref", "content-id", "entity-id", "message-class", "protocol-id", "sig",
        "status-report-req", "trusted-number", "ttl", "type", "udh",
    ]

    private static func asPythonSDK(_ parameters: [Parameter], _ names: Set<[UInt8]>) -> [Parameter] {
        let none = Array("None".utf8), sig = Array("sig".utf8)
        var all = parameters.filter { $0.name != sig }
        for field in unsentFields {
            let name = Array(field.utf8)
            if name == sig || !names.contains(name) { all.append(Parameter(name: name, value: none)) }
        }
        return all
    }

    private static func digest(_ parameters: [Parameter], _ secret: [UInt8], _ method: Method) -> [UInt8] {
        var text: [UInt8] = []
        for parameter in parameters.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            text.append(UInt8(ascii: "&"))
            text += parameter.name
            text.append(UInt8(ascii: "="))
            for byte in parameter.value { text.append(byte == UInt8(ascii: "&") || byte == UInt8(ascii: "=") ? UInt8(ascii: "_") : byte) }
        }
        let digest =
            switch method {
            case .md5hash: MessageAuthentication.md5(text + secret)
            case .md5: MessageAuthentication.hmacMD5(key: secret, text)
            case .sha1: MessageAuthentication.hmacSHA1(key: secret, text)
            case .sha256: MessageAuthentication.hmacSHA256(key: secret, text)
            case .sha512: MessageAuthentication.hmacSHA512(key: secret, text)
            }
        return AWSRequest.hexadecimal(digest)
    }
}
