/// The header `X-Twilio-Webhooks-Signature-Settings: key=<id>,algorithm=HMAC_SHA256`, which says that a shared key signed the
/// webhook instead of the auth token.
public struct TwilioSignatureSettings: Equatable, Sendable {
    public let keyID: String
    public let algorithm: TwilioSignature.Algorithm

    /// - Returns: `nil` for a header that does not name exactly one key and one algorithm we know.
    public init?(header: String) {
        var keyID: String?
        var algorithm: TwilioSignature.Algorithm?
        for part in header.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " } }
            guard pair.count == 2 else { return nil }
            let value = String(pair[1].reversed().drop { $0 == " " }.reversed())
            switch pair[0] {
            case "key" where keyID == nil && !value.isEmpty: keyID = value
            case "algorithm" where algorithm == nil && value == "HMAC_SHA256": algorithm = .hmacSHA256
            case "algorithm" where algorithm == nil && value == "HMAC_SHA1": algorithm = .hmacSHA1
            default: return nil
            }
        }
        guard let keyID, let algorithm else { return nil }
        self.keyID = keyID
        self.algorithm = algorithm
    }
}
