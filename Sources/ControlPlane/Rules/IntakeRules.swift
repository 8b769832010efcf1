import Dataplane
import Foundation
import Intake
import Ledger
import Policy
import Recipients

/// What the intake does with webhooks, compiled from the policies. Immutable.
struct IntakeRules: Sendable {
    /// What stands before the request target in the URLs that providers sign: `https://stop.example.com`.
    let publicURL: String
    /// The path of Twilio's inbound-message webhook.
    let path: String
    let twilio: TwilioInbound
    /// The customer's own webhook; `nil` answers with empty TwiML.
    let forward: ForwardURL?

    /// - Returns: `nil` when no provider's webhooks are taken in.
    init?(ruleset: Ruleset, identifiers: NormalisationRules, environment: [String: String]) throws {
        guard let settings = ruleset.settings.intake.twilio, let publicURL = ruleset.settings.intake.publicURL else { return nil }
        guard let words = ruleset.channels[.sms] else {
            throw StartProblem("intake.twilio needs the words people stop with: add channels/sms.yaml to the policies")
        }
        self.publicURL = publicURL
        path = settings.path
        forward = try settings.forwardURL.map(ForwardURL.init)
        twilio = TwilioInbound(
            settings: .init(authTokens: try Self.tokens(settings.authToken, environment), stopScope: StopScope(words.stopScope)),
            keywords: KeywordEngine(KeywordRules(words)), identifiers: IdentifierReader(rules: identifiers))
    }

    /// One token a line; two while a token is being changed.
    private static func tokens(_ secret: Settings.TwilioIntake.Secret, _ environment: [String: String]) throws -> [String] {
        let text: String
        switch secret {
        case .environment(let name):
            guard let value = environment[name] else {
                throw StartProblem("intake.twilio.auth_token_env: the variable \(name) is not set; export it before the gate starts")
            }
            text = value
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path), let value = String(validating: data, as: UTF8.self) else {
                throw StartProblem("intake.twilio.auth_token_file: \(path) cannot be read; it holds the auth token in one line")
            }
            text = value
        }
        let tokens = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !tokens.isEmpty else { throw StartProblem("intake.twilio: the auth token is empty; copy it from Twilio's console") }
        return tokens
    }
}

/// Where webhooks go on to.
struct ForwardURL: Sendable, Equatable {
    let origin: Origin
    /// Path and query.
    let target: String

    init(_ text: String) throws {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil, url.fragment == nil,
            url.scheme == "http" || url.scheme == "https"
        else { throw StartProblem("intake.twilio.forward_url: '\(text)' is no URL; write https://host/path") }
        let usesTLS = url.scheme == "https"
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        origin = Origin(host: name, port: url.port ?? (usesTLS ? 443 : 80), usesTLS: usesTLS)
        let path = url.percentEncodedPath.isEmpty ? "/" : url.percentEncodedPath
        target = url.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
    }
}

extension StopScope {
    init(_ scope: ChannelRules.StopScope) {
        switch scope {
        case .channel: self = .channel
        case .messages: self = .messages
        case .phone: self = .phone
        case .everything: self = .everything
        }
    }
}

extension KeywordRules {
    init(_ rules: ChannelRules) {
        func phrases(_ list: [ChannelRules.Phrase]) -> [Phrase] { list.map { Phrase($0.text, language: $0.language) } }
        self.init(
            version: rules.version, optOut: phrases(rules.stopWords), optIn: phrases(rules.startWords),
            optInOnlyWhenAsked: phrases(rules.startWordsWhenAsked), help: phrases(rules.helpWords),
            courtesy: phrases(rules.courtesyWords), reactions: phrases(rules.reactions))
    }
}
