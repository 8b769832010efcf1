import Adapters
import Bytes
import Foundation
import Gate
import Policy
import Recipients
import Suppression

/// The policies of the repository and a small set of suppressions, for every test here.
enum Fixture {
    static let policies = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("policies").path

    static let ruleset: Ruleset = {
        do { return try PolicyLoader.load(directory: policies) } catch { fatalError("\(error)") }
    }()

    static let secret: DigestSecret = {
        guard let secret = DigestSecret([UInt8](0..<16)) else { fatalError("sixteen bytes make a secret") }
        return secret
    }()

    static func inspector() -> Inspector { Inspector(normaliser: Normaliser(rules: .standard, secret: secret)) }

    /// Who has opted out in the golden cases.
    static let suppressed = Suppressions([
        (.phone, "+14155550100", .phoneMessages),
        (.phone, "+14155550199", ChannelSet(.whatsapp)),
        (.phone, "+14155550198", ChannelSet(.rcs)),
        (.phone, "+14155550197", ChannelSet(.voice)),
        (.email, "gone@example.com", .all),
        (.postal, "Gone G, 1 Main St, 94107", ChannelSet(.mail)),
        (.email, "left@example.org", ChannelSet(.email)),
        (.email, "user@xn--mnchen-3ya.example", ChannelSet(.email)),
    ])

    /// The adapter and endpoint that serve a request to a provider's own host.
    static func send(_ host: String, _ method: String, _ target: String) -> (Adapter, Endpoint, RequestTarget)? {
        var out = RequestTarget()
        let method = Array(method.utf8), host = Array(host.utf8), target = Array(target.utf8)
        let route = ruleset.routes.route(method: method.span, host: host.span, target: target.span, into: &out)
        guard case .send(let adapter, let endpoint) = route else { return nil }
        return (adapter, endpoint, out)
    }

    static var twilio: Endpoint { endpoint("api.twilio.com", "/2010-04-01/Accounts/AC1/Messages.json") }
    static var sendgrid: Endpoint { endpoint("api.sendgrid.com", "/v3/mail/send") }

    private static func endpoint(_ host: String, _ path: String) -> Endpoint {
        guard let found = send(host, "POST", path) else { fatalError("\(path) is a send") }
        return found.1
    }
}

/// Suppressions in a dictionary.
struct Suppressions: SuppressionLookup {
    private var channels: [RecipientKey: ChannelSet] = [:]
    var version: UInt64 = 1
    var ledgerPosition: UInt64 = 0

    init(_ list: [(IdentifierKind, String, ChannelSet)]) {
        for (kind, text, set) in list {
            guard let identifier = try? CanonicalIdentifier(parsing: text, kind: kind, rules: .standard) else {
                fatalError("\(text) is an identifier")
            }
            for key in identifier.keys(secret: Fixture.secret) { channels[key, default: []].formUnion(set) }
        }
    }

    func blockedChannels(_ key: RecipientKey) -> ChannelSet { channels[key] ?? [] }
}

extension GrowableBytes {
    /// The bytes as an array, for comparison.
    var array: [UInt8] { Array(bytes) }
}
