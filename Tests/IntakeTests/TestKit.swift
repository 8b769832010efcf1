import Foundation
import Ledger
import Recipients
import TLSKit

@testable import Intake

extension KeywordRules {
    /// The words of policies/channels/sms.yaml as they were when the corpus was written (CTIA, FCC and the carriers' sets).
    static let sms = KeywordRules(
        version: "test-1",
        optOut: [
            "stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "stop all", "please opt me out", "remove", "no", "td",
            .init("arrêt", language: "fr"), .init("arrete", language: "fr"), .init("arrett", language: "fr"), .init("arrêter", language: "fr"),
            .init("désabonner", language: "fr"), .init("alto", language: "es"), .init("parar", language: "es"), .init("no más", language: "es"),
            .init("cancelar", language: "es"), .init("baja", language: "es"), .init("sair", language: "pt"), .init("stopp", language: "de"),
            .init("abmelden", language: "de"), .init("ferma", language: "it"), .init("annulla", language: "it"), .init("afmelden", language: "nl"),
            .init("стоп", language: "ru"), .init("止めて", language: "ja"), .init("توقف", language: "ar"),
        ],
        optIn: ["start", "unstop", "subscribe"], optInOnlyWhenAsked: ["yes"], help: ["help", "info", .init("aide", language: "fr")],
        courtesy: [
            "please", "pls", "plz", "thanks", "thank you", "thank you very much", "thx", "ty", "ok", "okay", "hi", "hello", "now", "sir",
            "madam", "merci", "por favor", "gracias", "obrigado", "danke", "bitte",
        ],
        reactions: [
            "liked", "loved", "disliked", "laughed at", "emphasized", "questioned", "reacted", "to", "removed a like from",
            "removed a heart from", "a aimé", "le gustó",
        ])
}

/// An account with one token, as Twilio would call it.
struct Account {
    static let url = "https://hooks.example.com/twilio/sms?tenant=7"
    static let token = "12345"

    static func inbound(_ scope: StopScope = .messages) -> TwilioInbound {
        TwilioInbound(
            settings: .init(authTokens: ["old-token", token], sharedKeys: ["SK1": "shared"], stopScope: scope),
            keywords: KeywordEngine(.sms), identifiers: IdentifierReader(rules: .standard))
    }

    static func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let scalar = Character(Unicode.Scalar(byte))
            return scalar.isASCII && (scalar.isLetter || scalar.isNumber) ? String(scalar)
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// The webhook with these fields, signed with `token` as Twilio signs it.
    static func webhook(_ fields: [FormField], token: String = token, at moment: Int64 = 1_772_000_000_000) -> InboundWebhook {
        let body = fields.map { escaped($0.name) + "=" + escaped($0.value) }.joined(separator: "&")
        let sorted = Set(fields).sorted { a, b in
            a.name == b.name ? a.value.lexicographicallyPrecedes(b.value) : a.name.lexicographicallyPrecedes(b.name)
        }
        let message = Array(url.utf8) + sorted.flatMap { $0.name + $0.value }
        let signature = Data(MessageAuthentication.hmacSHA1(key: Array(token.utf8), message)).base64EncodedString()
        return InboundWebhook(
            url: url, body: Array(body.utf8), contentType: "application/x-www-form-urlencoded; charset=UTF-8", signature: signature,
            receivedAt: Timestamp(milliseconds: moment), remoteAddress: "203.0.113.9")
    }

    static func text(_ body: String, from: String = "+14155550123", _ more: [FormField] = []) -> [FormField] {
        [
            FormField("From", from), FormField("To", "+18005551212"), FormField("Body", body), FormField("MessageSid", "SM1"),
            FormField("AccountSid", "AC1"), FormField("NumMedia", "0"),
        ] + more
    }
}

extension IntakeDecision {
    var event: PreferenceEvent? {
        if case .recordThenForward(let event) = self { event } else { nil }
    }
}
