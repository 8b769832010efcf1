import Adapters
import Foundation
import Gate
import Policy
import Recipients
import Suppression

/// The policies of the repository and a few people who have opted out.
enum Fixture {
    static let policies = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("policies").path

    static let ruleset: Ruleset = {
        do { return try PolicyLoader.load(directory: policies) } catch { fatalError("\(error)") }
    }()

    static let secret: DigestSecret = {
        guard let secret = DigestSecret([UInt8](0..<16)) else { fatalError("sixteen bytes make a secret") }
        return secret
    }()

    static let rules = NormalisationRules.standard
    static let blockedPhones = ["+14155550100", "+442079460958"]
    static let blockedMails = ["gone@example.com", "left@example.org", "user@xn--mnchen-3ya.example"]
    static let suppressed = Suppressions(phones: blockedPhones, mails: blockedMails)
    static let twilio = endpoint("api.twilio.com", "/2010-04-01/Accounts/AC1/Messages.json")
    static let sendgrid = endpoint("api.sendgrid.com", "/v3/mail/send")

    static func inspector() -> Inspector { Inspector(normaliser: Normaliser(rules: rules, secret: secret)) }

    /// Whether `text`, as the control plane reads it, is the very identifier of somebody who has opted out. Says nothing about tags and
    /// equivalent readings, so it may miss some and never names one too many.
    static func isSuppressed(_ text: String, kind: IdentifierKind) -> Bool {
        guard let identifier = try? CanonicalIdentifier(parsing: text, kind: kind, rules: rules) else { return false }
        return (kind == .phone ? blockedPhones : blockedMails).contains(identifier.normalForm)
            || kind == .phone && blockedPhones.contains("+" + identifier.normalForm)
    }

    private static func endpoint(_ host: String, _ path: String) -> Endpoint {
        var out = RequestTarget()
        let method = Array("POST".utf8), host = Array(host.utf8), target = Array(path.utf8)
        let route = ruleset.routes.route(method: method.span, host: host.span, target: target.span, into: &out)
        guard case .send(_, let endpoint) = route else { fatalError("\(path) is a send") }
        return endpoint
    }
}

/// Suppressions in a dictionary.
struct Suppressions: SuppressionLookup {
    private var channels: [RecipientKey: ChannelSet] = [:]
    let version: UInt64 = 1
    let ledgerPosition: UInt64 = 0

    init(phones: [String], mails: [String]) {
        for (list, kind) in [(phones, IdentifierKind.phone), (mails, .email)] {
            for text in list {
                guard let identifier = try? CanonicalIdentifier(parsing: text, kind: kind, rules: Fixture.rules) else {
                    fatalError("\(text) is an identifier")
                }
                for key in identifier.keys(secret: Fixture.secret) { channels[key] = .all }
            }
        }
    }

    func blockedChannels(_ key: RecipientKey) -> ChannelSet { channels[key] ?? [] }
}
