/// Reads `signing` of `stopgate.yaml`.
enum SigningReader {
    private enum Source: String, CaseIterable { case environment, file }

    static func read(_ root: YAMLSection, _ signing: inout SigningSettings) {
        guard let section = root.section("signing") else { return }
        if let aws = section.section("aws") {
            signing.aws = self.aws(aws)
            aws.finish()
        }
        for entry in section.sections("vonage") {
            if let account = vonage(entry) {
                if signing.vonage.contains(where: { $0.apiKey == account.apiKey }) {
                    entry.report("api_key", "'\(account.apiKey)' is there twice")
                }
                signing.vonage.append(account)
            }
            entry.finish()
        }
        section.finish()
    }

    private static func aws(_ section: YAMLSection) -> SigningSettings.AWS? {
        if !section.has("credentials") { section.missing("credentials", example: "environment") }
        let path = section.string("path"), profile = section.string("profile")
        switch section.choice("credentials", Source.self) {
        case .environment?:
            for key in ["path", "profile"] where section.has(key) {
                section.report(key, "is for credentials in a file", suggestion: "take it out, or write 'credentials: file'")
            }
            return .environment
        case .file?:
            guard let path else {
                section.missing("path", example: "/etc/stopgate/aws-credentials")
                return nil
            }
            return .file(path: path, profile: profile)
        case nil: return nil
        }
    }

    private static func vonage(_ entry: YAMLSection) -> SigningSettings.Vonage? {
        let apiKey = entry.required("api_key", example: "abcd1234")
        let environment = entry.string("secret_env"), file = entry.string("secret_file")
        if !entry.has("method") { entry.missing("method", example: "sha256") }
        let method = entry.choice("method", SigningSettings.Vonage.Method.self)
        var secret: SigningSettings.Secret?
        switch (environment, file) {
        case (let name?, nil): secret = .environment(name)
        case (nil, let path?): secret = .file(path)
        case (nil, nil): entry.missing("secret_env", example: "VONAGE_SIGNATURE_SECRET")
        default: entry.report("secret_file", "give secret_env or secret_file, not both")
        }
        guard let apiKey, let secret, let method else { return nil }
        return .init(apiKey: apiKey, secret: secret, method: method)
    }
}
