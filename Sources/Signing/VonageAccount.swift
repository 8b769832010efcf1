/// The signature settings of one Vonage account, as its dashboard shows them.
public struct VonageAccount: Sendable, Equatable {
    /// Names the account in every request; no secret.
    public let apiKey: [UInt8]
    public let secret: [UInt8]
    public let method: VonageSignature.Method

    public init(apiKey: String, secret: String, method: VonageSignature.Method) {
        self.apiKey = Array(apiKey.utf8)
        self.secret = Array(secret.utf8)
        self.method = method
    }
}

/// All keys under which signatures are checked and made anew. Immutable; empty when the operator gave none.
public struct SigningKeys: Sendable, Equatable {
    public let aws: AWSKeyRing
    private let vonage: [VonageAccount]

    public init(aws: AWSKeyRing = AWSKeyRing(), vonage: [VonageAccount] = []) {
        self.aws = aws
        self.vonage = vonage
    }

    public var isEmpty: Bool { aws.isEmpty && vonage.isEmpty }

    /// The account called `apiKey`, if its secret is known.
    public func vonage(_ apiKey: [UInt8]) -> VonageAccount? { vonage.first { $0.apiKey == apiKey } }
}
