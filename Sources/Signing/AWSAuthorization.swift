import Bytes

/// The value of an `Authorization` field that signs a request with AWS Signature Version 4.
///
///     AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/ses/aws4_request, SignedHeaders=host;x-amz-date, Signature=HEX
public struct AWSAuthorization: Sendable, Equatable {
    public let accessKeyID: [UInt8]
    /// The scope's date: `YYYYMMDD`.
    public let date: [UInt8]
    public let region: [UInt8]
    public let service: [UInt8]
    /// Names in lower case, in the order given.
    public let signedHeaders: [[UInt8]]
    /// 64 hexadecimal digits.
    public let signature: [UInt8]

    /// What an `Authorization` value turns out to be.
    public enum Reading: Sendable, Equatable {
        case sigV4(AWSAuthorization)
        /// Signature Version 4a (ECDSA over several regions), which cannot be made anew here.
        case sigV4a
        /// Begins like Signature Version 4 and is not well formed; the text says where.
        case malformed(String)
        /// Another scheme.
        case other
    }

    /// - Complexity: linear in the value.
    /// - Source: AWS IAM User Guide, "Create a signed AWS API request", step 5.
    public static func read(_ value: Span<UInt8>) -> Reading {
        if starts(value, "AWS4-ECDSA-P256-SHA256") { return .sigV4a }
        guard starts(value, "AWS4-HMAC-SHA256") else { return .other }
        var credential: [UInt8]?, names: [UInt8]?, signature: [UInt8]?
        var at = 16
        guard at < value.count, value[at].isASCIIBlank else { return .malformed("a blank must follow the algorithm") }
        while at < value.count {
            while at < value.count, value[at].isASCIIBlank || value[at] == UInt8(ascii: ",") { at += 1 }
            guard at < value.count else { break }
            let start = at
            while at < value.count, value[at] != UInt8(ascii: ",") { at += 1 }
            var end = at
            while end > start, value[end - 1].isASCIIBlank { end -= 1 }
            let part = copy(value, start..<end)
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return .malformed("a part has no =") }
            let text = Array(part[(equals + 1)...])
            switch String(decoding: part[..<equals], as: UTF8.self) {
            case "Credential" where credential == nil: credential = text
            case "SignedHeaders" where names == nil: names = text
            case "Signature" where signature == nil: signature = text
            default: return .malformed("there are exactly Credential, SignedHeaders and Signature")
            }
        }
        guard let credential, let names, let signature else { return .malformed("Credential, SignedHeaders or Signature is missing") }
        return assemble(credential, names, signature)
    }

    private static func assemble(_ credential: [UInt8], _ names: [UInt8], _ signature: [UInt8]) -> Reading {
        let scope = credential.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        guard scope.count == 5, scope[4] == Array("aws4_request".utf8), scope[1].count == 8, scope[1].allSatisfy(\.isASCIIDigit) else {
            return .malformed("Credential is ID/YYYYMMDD/REGION/SERVICE/aws4_request")
        }
        // What goes into the scope we sign under must be a name and nothing else.
        guard isName(scope[0]), isName(scope[2]), isName(scope[3]) else { return .malformed("the Credential has characters that no name has") }
        let headers = names.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(Array.init)
        for (index, name) in headers.enumerated() {
            guard !name.isEmpty, name.allSatisfy({ $0.asciiLowercased == $0 && $0 > 0x20 && $0 < 0x7f }) else {
                return .malformed("SignedHeaders are names in lower case")
            }
            guard index == 0 || headers[index - 1].lexicographicallyPrecedes(name) else {
                return .malformed("SignedHeaders are in alphabetical order, each once")
            }
        }
        guard signature.count == 64, signature.allSatisfy(\.isASCIIHexDigit) else { return .malformed("Signature is 64 hexadecimal digits") }
        return .sigV4(AWSAuthorization(
            accessKeyID: scope[0], date: scope[1], region: scope[2], service: scope[3], signedHeaders: headers, signature: signature))
    }

    private static func isName(_ text: [UInt8]) -> Bool {
        !text.isEmpty && text.count <= 128 && text.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    private static func starts(_ value: Span<UInt8>, _ word: String) -> Bool {
        let word = word.utf8.span
        return value.count >= word.count && ASCIIText.equal(value.extracting(0..<word.count), word)
            && (value.count == word.count || !value[word.count].isASCIIAlphanumeric && value[word.count] != UInt8(ascii: "-"))
    }

    private static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(bytes.extracting(range))
        return copy
    }
}
