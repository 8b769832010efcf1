import Foundation
import Policy
import Signing
import TLSKit

extension SigningKeys {
    /// Reads the keys that the settings name.
    /// - Throws: `TLSProblem` or ``StartProblem``, naming the setting; no message holds a secret.
    init(settings: SigningSettings, environment: [String: String]) throws {
        self.init(
            aws: AWSKeyRing(try Self.aws(settings.aws, environment)), vonage: try settings.vonage.map { try Self.vonage($0, environment) })
    }

    private static func aws(_ settings: SigningSettings.AWS?, _ environment: [String: String]) throws -> [AWSCredential] {
        switch settings {
        case nil: return []
        case .environment?:
            func variable(_ name: String) throws -> String {
                guard let value = environment[name], !value.isEmpty else {
                    throw StartProblem("signing.aws: the variable \(name) is not set; export it before the gate starts, or use 'credentials: file'")
                }
                return value
            }
            let token = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
            return [AWSCredential(
                accessKeyID: try variable("AWS_ACCESS_KEY_ID"), secret: try variable("AWS_SECRET_ACCESS_KEY"), sessionToken: token)]
        case .file(let path, let profile)?:
            do {
                return try AWSCredentialsFile.parse(try text(of: path, "signing.aws.path"), profile: profile)
            } catch let problem as SigningProblem {
                throw StartProblem("signing.aws: \(path): \(problem)")
            }
        }
    }

    private static func vonage(_ settings: SigningSettings.Vonage, _ environment: [String: String]) throws -> VonageAccount {
        let secret: String
        switch settings.secret {
        case .environment(let name):
            guard let value = environment[name] else {
                throw StartProblem("signing.vonage: the variable \(name) is not set; export it before the gate starts")
            }
            secret = value
        case .file(let path): secret = try text(of: path, "signing.vonage.secret_file")
        }
        let trimmed = secret.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, let method = VonageSignature.Method(rawValue: settings.method.rawValue) else {
            throw StartProblem("signing.vonage: the secret of \(settings.apiKey) is empty; copy the signature secret from Vonage's dashboard")
        }
        return VonageAccount(apiKey: settings.apiKey, secret: trimmed, method: method)
    }

    private static func text(of path: String, _ setting: String) throws -> String {
        guard let text = String(validating: try SecretFile.read(path), as: UTF8.self) else {
            throw StartProblem("\(setting): \(path) is not text in UTF-8")
        }
        return text
    }
}

extension SigningSettings {
    /// The files a reload has to look at.
    var files: [String] {
        var files: [String] = []
        if case .file(let path, _)? = aws { files.append(path) }
        for account in vonage {
            if case .file(let path) = account.secret { files.append(path) }
        }
        return files
    }
}
