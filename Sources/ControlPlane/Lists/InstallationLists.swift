import Foundation
public import Lists
public import Policy
public import Recipients

/// The lists of an installation, for somebody who only looks.
public enum InstallationLists {
    /// The lists in force that hold an identifier, in any spelling.
    public static func holding(_ text: String, _ kind: IdentifierKind, _ settings: Settings) throws -> [ListVersion] {
        // Without a secret there is no list; looking makes none.
        guard FileManager.default.fileExists(atPath: settings.storage.secretFile) else { return [] }
        let secret = try DigestSecret(installation: settings.storage.secretFile)
        let keys = try lookupKeys(text, kind, rules: try NormalisationRules(settings: settings.recipients), secret: secret)
        return try ListStore.lists(in: settings.storage.listsDirectory, secretID: secret.checkValue, holding: keys)
    }

    /// The keys that a send to `text` is looked up under.
    static func lookupKeys(_ text: String, _ kind: IdentifierKind, rules: NormalisationRules, secret: DigestSecret) throws -> [RecipientKey] {
        var normaliser = Normaliser(rules: rules, secret: secret), keys = CandidateKeys()
        // What a send would be refused for has keys all the same.
        _ = try normaliser.keys(of: Array(text.utf8).span, kind: kind, into: &keys)
        return keys.indices.map { keys[$0] }
    }
}
