import TLSKit

/// Whether a webhook really comes from Twilio.
///
/// The signature is base64(HMAC(key, url ‖ for each field name in ascending order, for each of its distinct values in
/// ascending order: name ‖ value)). Twilio signs the URL as it was configured, which may or may not name the default port,
/// so both spellings are tried. There is no timestamp in it: replays are caught by the message's id.
///
/// Source: Twilio, "Webhooks security"; twilio-python 9.13.0, request_validator.py.
public enum TwilioSignature {
    public enum Algorithm: Sendable {
        /// `X-Twilio-Signature` alone, under the account's primary auth token.
        case hmacSHA1
        /// With `X-Twilio-Webhooks-Signature-Settings`, under a shared key.
        case hmacSHA256
    }

    /// Checks a form webhook, or one without a body (GET: no `parameters`, the query is part of `url`).
    /// - Parameter token: the auth token, or the shared key's secret.
    /// - Parameter url: the public URL as Twilio has it, with its query exactly as received.
    /// - Parameter signature: the value of `X-Twilio-Signature`.
    /// - Complexity: O(n log n) in the fields; the comparison takes the same time wherever the bytes differ.
    public static func verify(
        token: String, url: String, parameters: [FormField], signature: String, algorithm: Algorithm = .hmacSHA1
    ) -> Bool {
        guard !token.isEmpty else { return false }
        let suffix = signedParameters(parameters)
        let given = Array(signature.utf8)
        var matches = false
        // All spellings are computed, so that time does not tell which one was close.
        for spelling in [PortSpelling.without(url), PortSpelling.with(url), url] {
            let message = Array(spelling.utf8) + suffix
            let digest =
                switch algorithm {
                case .hmacSHA1: MessageAuthentication.hmacSHA1(key: Array(token.utf8), message)
                case .hmacSHA256: MessageAuthentication.hmacSHA256(key: Array(token.utf8), message)
                }
            if MessageAuthentication.equal(Base64Text.encode(digest), given) { matches = true }
        }
        return matches
    }

    /// Checks a webhook whose body is no form (JSON): the URL carries the body's digest as `bodySHA256` and is signed alone.
    public static func verify(
        token: String, url: String, body: [UInt8], signature: String, algorithm: Algorithm = .hmacSHA1
    ) -> Bool {
        guard let stated = queryValue("bodySHA256", in: url) else { return false }
        let actual = hexadecimal(MessageAuthentication.sha256(body))
        let bodyFits = MessageAuthentication.equal(actual, Array(stated.lowercased().utf8))
        return verify(token: token, url: url, parameters: [], signature: signature, algorithm: algorithm) && bodyFits
    }

    private static func signedParameters(_ parameters: [FormField]) -> [UInt8] {
        let distinct = Set(parameters).sorted { a, b in
            a.name == b.name ? a.value.lexicographicallyPrecedes(b.value) : a.name.lexicographicallyPrecedes(b.name)
        }
        return distinct.flatMap { $0.name + $0.value }
    }

    private static func queryValue(_ name: String, in url: String) -> String? {
        guard let mark = url.firstIndex(of: "?") else { return nil }
        let values = url[url.index(after: mark)...].prefix { $0 != "#" }.split(separator: "&").filter { $0.hasPrefix(name + "=") }
        // Two digests would leave open which one the body was held against.
        return values.count == 1 ? String(values[0].dropFirst(name.utf8.count + 1)) : nil
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
