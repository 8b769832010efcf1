/// The keys under which the gate checks the signatures of senders and signs changed requests anew.
public struct SigningSettings: Sendable, Equatable {
    /// Where a secret is: never in the settings themselves.
    public enum Secret: Sendable, Equatable { case environment(String), file(String) }

    public enum AWS: Sendable, Equatable {
        /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if there is one, `AWS_SESSION_TOKEN`.
        case environment
        /// A shared credentials file; of all its profiles, or of one.
        case file(path: String, profile: String?)
    }

    /// One account of Vonage whose SMS requests carry `sig`.
    public struct Vonage: Sendable, Equatable {
        /// The account's own setting: how its signatures are made.
        public enum Method: String, Sendable, CaseIterable { case md5hash, md5, sha1, sha256, sha512 }

        public var apiKey: String
        public var secret: Secret
        public var method: Method

        public init(apiKey: String, secret: Secret, method: Method) {
            self.apiKey = apiKey
            self.secret = secret
            self.method = method
        }
    }

    public var aws: AWS?
    public var vonage: [Vonage] = []

    public init() {}
}
