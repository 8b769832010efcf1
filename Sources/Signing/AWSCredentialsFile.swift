/// Reads the shared credentials file of AWS's own tools (`~/.aws/credentials`): sections of `name = value` lines.
///
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files"; botocore 1.44.5, configloader.py.
public enum AWSCredentialsFile {
    /// - Parameters:
    ///   - text: the whole file.
    ///   - profile: the one section to take; `nil` takes every section that holds a key.
    /// - Throws: what is wrong and how to mend it. No message holds a secret.
    public static func parse(_ text: String, profile: String? = nil) throws(SigningProblem) -> [AWSCredential] {
        var sections: [(name: String, values: [String: String])] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = trimmed(line)
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                sections.append((String(trimmed(line.dropFirst().dropLast())), [:]))
                continue
            }
            guard let equals = line.firstIndex(of: "="), !sections.isEmpty else {
                throw SigningProblem("line \(index + 1) is neither a [profile] nor name = value below one")
            }
            let name = trimmed(line[..<equals]).lowercased()
            sections[sections.count - 1].values[name] = String(trimmed(line[line.index(after: equals)...]))
        }
        if let profile, !sections.contains(where: { $0.name == profile }) {
            throw SigningProblem("it has no profile [\(profile)]; there are \(sections.map(\.name).joined(separator: ", "))")
        }
        var found: [AWSCredential] = []
        for section in sections where profile == nil || section.name == profile {
            let id = section.values["aws_access_key_id"], secret = section.values["aws_secret_access_key"]
            switch (id, secret) {
            case (let id?, let secret?) where !id.isEmpty && !secret.isEmpty:
                found.append(AWSCredential(accessKeyID: id, secret: secret, sessionToken: section.values["aws_session_token"]))
            // A profile that assumes a role or runs a program holds no key of its own.
            case (nil, nil) where profile == nil: continue
            default: throw SigningProblem("profile [\(section.name)] needs both aws_access_key_id and aws_secret_access_key")
            }
        }
        guard !found.isEmpty else { throw SigningProblem("it holds no profile with aws_access_key_id and aws_secret_access_key") }
        return found
    }

    private static func trimmed(_ text: some StringProtocol) -> Substring {
        var text = Substring(text)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
