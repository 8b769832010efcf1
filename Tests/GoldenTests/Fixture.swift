import Adapters
import Foundation
import Policy
import Recipients
import Suppression

/// Every adapter of the repository, whatever an installation enables, and who has opted out.
enum Fixture {
    static let providers = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("policies/providers")

    static let ruleset: Ruleset = {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("stopgate-golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(at: directory.appendingPathComponent("providers"), withDestinationURL: providers)
            try Data("listeners: [{role: proxy, port: 0, tls: false}]\n".utf8).write(to: directory.appendingPathComponent("stopgate.yaml"))
            return try PolicyLoader.load(directory: directory.path)
        } catch { fatalError("\(error)") }
    }()

    static let secret: DigestSecret = {
        guard let secret = DigestSecret([UInt8](0..<16)) else { fatalError("sixteen bytes make a secret") }
        return secret
    }()

    private static let people = [
        "phone:+14155550123", "phone:+447700900123", "phone:+14155550124 whatsapp", "phone:+14155550125 voice", "email:gone@example.com",
        "email:left@example.org", "push-token:" + String(repeating: "deadbeef", count: 8), "external:user-gone",
    ]

    static func suppressions(_ more: [String]) -> Suppressions { Suppressions(people + more) }
}

/// Suppressions in a dictionary.
struct Suppressions: SuppressionLookup {
    private var channels: [RecipientKey: ChannelSet] = [:]
    var version: UInt64 = 1
    var ledgerPosition: UInt64 = 0

    /// - Parameter list: `kind:identifier`, or `kind:identifier channel,channel`.
    init(_ list: [String]) {
        for entry in list {
            var text = entry[...]
            var set = ChannelSet.all
            if let blank = entry.lastIndex(of: " ") {
                let names = entry[entry.index(after: blank)...].split(separator: ",").map(String.init)
                let named = names.compactMap { Channel(name: $0) }
                if named.count == names.count {
                    set = named.reduce(into: []) { $0.insert(ChannelSet($1)) }
                    text = entry[..<blank]
                }
            }
            guard let colon = text.firstIndex(of: ":"), let kind = IdentifierKind(name: text[..<colon]),
                let identifier = try? CanonicalIdentifier(parsing: String(text[text.index(after: colon)...]), kind: kind, rules: .standard)
            else { fatalError("'\(entry)' is not kind:identifier") }
            for key in identifier.keys(secret: Fixture.secret) { channels[key, default: []].formUnion(set) }
        }
    }

    func blockedChannels(_ key: RecipientKey) -> ChannelSet { channels[key] ?? [] }
}
