/// A key of an AWS account, as its owner gave it to the gate.
public struct AWSCredential: Sendable, Equatable {
    /// `AKIA...` or `ASIA...`: names the key and is no secret.
    public let accessKeyID: [UInt8]
    public let secret: [UInt8]
    /// Goes with temporary keys (`ASIA...`); sent as `x-amz-security-token`.
    public let sessionToken: [UInt8]?

    public init(accessKeyID: String, secret: String, sessionToken: String? = nil) {
        self.accessKeyID = Array(accessKeyID.utf8)
        self.secret = Array(secret.utf8)
        self.sessionToken = sessionToken.map { Array($0.utf8) }
    }
}

/// The keys whose requests may be signed anew, by access key id. Immutable.
public struct AWSKeyRing: Sendable, Equatable {
    private let byID: [[UInt8]: AWSCredential]

    public init(_ credentials: [AWSCredential] = []) {
        byID = Dictionary(credentials.map { ($0.accessKeyID, $0) }) { $1 }
    }

    public var isEmpty: Bool { byID.isEmpty }
    public var count: Int { byID.count }

    /// - Complexity: one hash look-up.
    public func credential(_ accessKeyID: [UInt8]) -> AWSCredential? { byID[accessKeyID] }
}
