@testable import Policy
import Testing

@Suite struct SigningSettingsTests {
    static func load(_ signing: String) throws -> SigningSettings {
        let policies = try PolicyDirectory()
        try policies.replace("enforcement:\n", with: "signing:\n\(signing)\nenforcement:\n", in: "stopgate.yaml")
        return try withExtendedLifetime(policies) { try PolicyLoader.load(directory: policies.path).settings.signing }
    }

    @Test func isEmptyByDefault() throws {
        let policies = try PolicyDirectory()
        let signing = try withExtendedLifetime(policies) { try PolicyLoader.load(directory: policies.path).settings.signing }
        #expect(signing == SigningSettings())
    }

    @Test func reads() throws {
        let signing = try Self.load(
            """
              aws: {credentials: file, path: /etc/x, profile: mail}
              vonage:
                - {api_key: a, secret_env: A, method: md5hash}
                - {api_key: b, secret_file: /etc/b, method: sha512}
            """)
        #expect(signing.aws == .file(path: "/etc/x", profile: "mail"))
        #expect(signing.vonage == [
            .init(apiKey: "a", secret: .environment("A"), method: .md5hash), .init(apiKey: "b", secret: .file("/etc/b"), method: .sha512),
        ])
        #expect(try Self.load("  aws: {credentials: environment}").aws == .environment)
    }

    @Test(arguments: [
        ("  aws: {}", "credentials"), ("  aws: {credentials: file}", "path"), ("  aws: {credentials: environment, path: /x}", "path"),
        ("  aws: {credentials: enviroment}", "environment"), ("  vonage: [{api_key: a, secret_env: A}]", "method"),
        ("  vonage: [{api_key: a, method: md5}]", "secret_env"), ("  vonage: [{secret_env: A, method: md5}]", "api_key"),
        ("  vonage: [{api_key: a, secret_env: A, secret_file: b, method: md5}]", "secret_file"),
        ("  vonage: [{api_key: a, secret_env: A, method: sha384}]", "sha512"), ("  awss: {}", "aws"),
        ("  vonage: [{api_key: a, secret_env: A, method: md5}, {api_key: a, secret_env: B, method: md5}]", "twice"),
    ])
    func saysWhatIsWrong(_ signing: String, _ word: String) {
        let problems = #expect(throws: PolicyProblems.self) { try Self.load(signing) }
        #expect(problems.map { "\($0)".contains(word) } == true, "\(String(describing: problems))")
    }
}
