public import Ledger
import Recipients
import TLSKit

/// Turns Twilio's inbound-message webhooks into decisions and events. Pure: it records nothing and asks nobody.
///
/// Source: Twilio, "Messaging webhooks", "Advanced Opt-Out" (read 2026); StopScope says what a STOP covers.
public struct TwilioInbound: Sendable {
    public struct Settings: Sendable {
        /// The primary auth tokens of the accounts whose numbers we own; more than one while a token is being changed.
        public var authTokens: [String]
        /// Shared keys by their id.
        public var sharedKeys: [String: String]
        public var stopScope: StopScope

        public init(authTokens: [String], sharedKeys: [String: String] = [:], stopScope: StopScope = .phoneMessages) {
            self.authTokens = authTokens
            self.sharedKeys = sharedKeys
            self.stopScope = stopScope
        }
    }

    private let settings: Settings
    private let keywords: KeywordEngine
    private let identifiers: IdentifierReader

    public init(settings: Settings, keywords: KeywordEngine, identifiers: IdentifierReader) {
        self.settings = settings
        self.keywords = keywords
        self.identifiers = identifiers
    }

    /// - Complexity: linear in the body, but for sorting its fields.
    public func decide(_ webhook: InboundWebhook) -> IntakeDecision {
        guard webhook.body.count <= FormBody.sizeLimit else { return .refuse(status: 413, .tooLarge) }
        guard let signature = webhook.signature, !signature.isEmpty else { return .refuse(status: 401, .missingSignature) }
        guard isForm(webhook.contentType) else { return .refuse(status: 415, .unsupportedContentType) }
        guard let form = try? FormBody(webhook.body) else { return .refuse(status: 400, .unreadableForm) }
        let keys: [String]
        var algorithm = TwilioSignature.Algorithm.hmacSHA1
        if let header = webhook.signatureSettings {
            guard let stated = TwilioSignatureSettings(header: header), let key = settings.sharedKeys[stated.keyID]
            else { return .refuse(status: 401, .unknownKey) }
            keys = [key]
            algorithm = stated.algorithm
        } else {
            keys = settings.authTokens
        }
        let genuine = keys.contains {
            TwilioSignature.verify(token: $0, url: webhook.url, parameters: form.fields, signature: signature, algorithm: algorithm)
        }
        guard genuine else { return .refuse(status: 401, .badSignature) }
        return decide(TwilioSignal(form), webhook)
    }

    private func isForm(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let type = contentType.prefix { $0 != ";" }.lowercased()
        return String(type.reversed().drop { $0 == " " }.reversed()) == "application/x-www-form-urlencoded"
    }

    private func decide(_ signal: TwilioSignal, _ webhook: InboundWebhook) -> IntakeDecision {
        let meaning = TwilioMeaning(signal, keywords)
        let action: EventAction
        switch meaning.verdict {
        case .nothing: return .forwardOnly
        case .optOut: action = .optOut
        case .optIn: action = .optIn
        case .unclear: action = .needsReview
        }
        let digest = hexadecimal(MessageAuthentication.sha256(webhook.body))
        var event = PreferenceEvent(
            id: signal.eventID(action, bodyDigest: digest), action: action, identifier: nil,
            channels: settings.stopScope.channels(arrival: signal.channel), scope: settings.stopScope.scope,
            reach: settings.stopScope.reach, reason: action == .needsReview ? meaning.note : meaning.reason,
            identity: EventIdentity(asReceived: signal.from, nameGiven: signal.profileName, matchMethod: "exact"),
            times: EventTimes(receivedAt: webhook.receivedAt),
            source: EventSource(
                method: .keyword, channel: signal.channel, system: "twilio", ourAddress: signal.to,
                repliedTo: signal.repliedTo),
            evidence: EventEvidence(
                words: (signal.body ?? signal.optOutType)?.clipped(toBytes: PreferenceEvent.wordsLimit), payloadHash: digest,
                remoteAddress: webhook.remoteAddress, providerMessageID: signal.messageSid, language: meaning.language),
            decision: EventDecision(
                ruleID: meaning.ruleID, rulePackVersion: meaning.rulePackVersion, matchedBy: meaning.matchedBy, confidence: 1,
                normalisedText: meaning.normalised?.clipped(toBytes: PreferenceEvent.wordsLimit)),
            actor: EventActor(kind: .person))
        if let identifier = sender(signal) {
            event.identifier = identifier
        } else if action == .optIn {
            // Nothing is restored for somebody we cannot name, and nothing is lost by that.
            return .forwardOnly
        } else if action == .optOut {
            event = event.keptForReview(because: signal.repeatedFields.isEmpty ? "unreadable-sender" : "repeated-fields")
        }
        return .recordThenForward(event)
    }

    /// Who wrote, where that is beyond doubt. Twilio writes people's numbers in full; digits without a plus are a short code.
    private func sender(_ signal: TwilioSignal) -> Identifier? {
        guard let address = signal.address, address.hasPrefix("+"), signal.repeatedFields.isEmpty,
            let readings = try? identifiers.read(address, as: .phone), readings.count == 1
        else { return nil }
        return readings[0]
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension PreferenceEvent {
    /// The same signal, for a human to read.
    fileprivate func keptForReview(because cause: String) -> PreferenceEvent {
        var review = self
        review.action = .needsReview
        review.reason = cause
        review.identity.matchMethod = nil
        return review
    }
}
