/// A call to a provider, with holes: `POST /2010-04-01/Accounts/{AccountSid}/Messages/{message_id}.json Status=canceled`.
public struct CallSpec: Sendable, Hashable {
    public var method: String
    /// `{message_id}` is the provider's name for the message; other holes are filled from the send's own path.
    public var path: String
    /// Everything behind the path; empty when the call has no body.
    public var body: String

    public init(method: String, path: String, body: String = "") {
        self.method = method
        self.path = path
        self.body = body
    }

    /// - Returns: `nil` unless `text` begins with a method in upper case and a path.
    public init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].allSatisfy({ $0.isASCII && $0.isUppercase }), words[1].hasPrefix("/") else { return nil }
        self.init(method: String(words[0]), path: String(words[1]), body: words.count > 2 ? String(words[2]) : "")
    }
}
