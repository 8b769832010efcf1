import Foundation
import Ledger
import Recipients
import Testing

@testable import Intake

@Suite struct TwilioInboundTests {
    let inbound = Account.inbound()

    @Test func stopBecomesAnOptOutWithAllItsEvidence() throws {
        let event = try #require(inbound.decide(Account.webhook(Account.text("Stop!"))).event)
        #expect(event.id == "twilio:AC1:SM1:stop" && event.action == .optOut && event.rejection() == nil)
        #expect(event.identifier == Identifier(kind: .phone, value: "+14155550123") && event.identity.asReceived == "+14155550123")
        #expect(event.channels == .phoneMessages && event.scope == .everything && event.reach == .identifier && event.reason == "stop")
        #expect(event.source == EventSource(method: .keyword, channel: .sms, system: "twilio", ourAddress: "+18005551212"))
        #expect(event.times.receivedAt == Timestamp(milliseconds: 1_772_000_000_000))
        #expect(event.evidence.words == "Stop!" && event.evidence.providerMessageID == "SM1" && event.evidence.payloadHash?.count == 64)
        #expect(event.evidence.remoteAddress == "203.0.113.9")
        #expect(event.decision.ruleID == "opt-out/per-se/stop" && event.decision.rulePackVersion == "test-1")
        #expect(event.decision.matchedBy == "per-se" && event.decision.normalisedText == "stop" && event.actor.kind == .person)
    }

    @Test(arguments: [
        ("hello", nil, nil), ("help", nil, nil), ("help", "HELP", nil), ("yes", nil, nil), ("YES", "START", nil),
        ("Liked “Reply STOP”", nil, nil), ("", nil, nil),
        ("stop", nil, EventAction.optOut), ("stop", "STOP", .optOut), ("genug davon", "STOP", .optOut), ("START", "STOP", .optOut),
        ("stop", "START", .optOut), ("stop", "HELP", .optOut), ("", "STOP", .optOut), ("start", nil, .optIn), ("START", "START", .optIn),
        ("JOIN-US", "START", .optIn), ("hm", "PAUSE", .needsReview), ("genug", "stop", .optOut),
    ] as [(String, String?, EventAction?)])
    func ourWordsAndTwiliosTogether(_ body: String, _ type: String?, _ expected: EventAction?) {
        let fields = Account.text(body, type.map { [FormField("OptOutType", $0)] } ?? [])
        let decision = inbound.decide(Account.webhook(fields))
        #expect(decision.event?.action == expected)
        if expected == nil { #expect(decision == .forwardOnly) }
        if let event = decision.event { #expect(event.rejection() == nil) }
    }

    @Test(arguments: [
        ("whatsapp:+14155550123", Channel.whatsapp), ("rcs:+14155550123", .rcs), ("+14155550123", .sms), ("WhatsApp:+14155550123", .whatsapp),
    ])
    func theChannelIsInTheAddress(_ from: String, _ channel: Channel) throws {
        let event = try #require(inbound.decide(Account.webhook(Account.text("stop", from: from))).event)
        #expect(event.source.channel == channel && event.identifier?.value == "+14155550123" && event.identity.asReceived == from)
    }

    @Test(arguments: [
        (.channel, "+14155550123", [.init(.sms), .init(.mms), .init(.rcs)], .everything, .identifier),
        (.channel, "whatsapp:+14155550123", .init(.whatsapp), .everything, .identifier),
        (.messages, "+14155550123", .phoneMessages, .everything, .identifier),
        (.phone, "+14155550123", [.phoneMessages, .init(.voice)], .everything, .identifier),
        (.marketing, "+14155550123", .all, .purpose("marketing"), .person),
        (.everything, "+14155550123", .all, .everything, .person),
    ] as [(StopScope, String, ChannelSet, PreferenceScope, EventReach)])
    func policySaysWhatAStopCovers(_ scope: StopScope, _ from: String, _ channels: ChannelSet, _ covers: PreferenceScope, _ reach: EventReach) throws {
        for word in ["stop", "start"] {
            let event = try #require(Account.inbound(scope).decide(Account.webhook(Account.text(word, from: from))).event)
            #expect(event.channels == channels && event.scope == covers && event.reach == reach)
        }
    }

    @Test func aStopNobodyCanPlaceIsKeptForAHuman() throws {
        for from in ["266696", "ANONYMOUS", "messenger:123", "", "14155550123", "+abc"] {
            let event = try #require(inbound.decide(Account.webhook(Account.text("stop", from: from))).event)
            #expect(event.action == .needsReview && event.identifier == nil && event.reason == "unreadable-sender", "\(from)")
            #expect(event.evidence.words == "stop" && event.rejection() == nil)
            #expect(inbound.decide(Account.webhook(Account.text("start", from: from))) == .forwardOnly)
        }
        let repeated = try #require(inbound.decide(Account.webhook(Account.text("stop", [FormField("From", "+14155550199")]))).event)
        #expect(repeated.action == .needsReview && repeated.reason == "repeated-fields" && repeated.id.hasPrefix("twilio:body:"))
        let broken = Account.text("x").map { $0.name.elementsEqual("Body".utf8) ? FormField(name: $0.name, value: [0x53, 0xff]) : $0 }
        #expect(inbound.decide(Account.webhook(broken)).event?.reason == "unreadable-text")
        // The same field twice with the same value says one thing.
        #expect(inbound.decide(Account.webhook(Account.text("stop", [FormField("Body", "stop")]))).event?.action == .optOut)
    }

    @Test func whateverTheFieldsHoldTheLedgerTakesTheEvent() throws {
        let long = String(repeating: "é", count: 20_000)
        for fields in [
            Account.text(long, [FormField("OptOutType", "STOP")]), Account.text("stop\0", [FormField("ProfileName", long)]),
            Account.text(String(repeating: "\u{fdfa}", count: 9000), [FormField("OptOutType", "STOP")]),
            [FormField("From", "+14155550123"), FormField("Body", "stop"), FormField("MessageSid", long)],
            [FormField("From", "+14155550123"), FormField("Body", "stop"), FormField("To", "a\0b")],
        ] {
            let event = try #require(inbound.decide(Account.webhook(fields)).event)
            #expect(event.action == .optOut && event.rejection() == nil)
        }
    }

    @Test func onlyTwilioIsBelieved() throws {
        let good = Account.webhook(Account.text("stop"))
        func refusal(_ change: (inout InboundWebhook) -> Void) -> IntakeDecision {
            var webhook = good
            change(&webhook)
            return inbound.decide(webhook)
        }
        #expect(refusal { $0.signature = nil } == .refuse(status: 401, .missingSignature))
        #expect(refusal { $0.signature = "" } == .refuse(status: 401, .missingSignature))
        #expect(refusal { $0.signature = "AAAA" } == .refuse(status: 401, .badSignature))
        #expect(refusal { $0.body += Array("&x=1".utf8) } == .refuse(status: 401, .badSignature))
        #expect(refusal { $0.url += "&y=1" } == .refuse(status: 401, .badSignature))
        #expect(refusal { $0.body += Array("&x=%".utf8) } == .refuse(status: 400, .unreadableForm))
        #expect(refusal { $0.contentType = "application/json" } == .refuse(status: 415, .unsupportedContentType))
        #expect(refusal { $0.contentType = nil } == .refuse(status: 415, .unsupportedContentType))
        #expect(refusal { $0.signatureSettings = "key=SK9,algorithm=HMAC_SHA256" } == .refuse(status: 401, .unknownKey))
        #expect(refusal { $0.signatureSettings = "key=SK1,algorithm=HMAC_SHA256" } == .refuse(status: 401, .badSignature))
        #expect(refusal { $0.body = [UInt8](repeating: 0x41, count: FormBody.sizeLimit + 1) } == .refuse(status: 413, .tooLarge))
        #expect(inbound.decide(Account.webhook(Account.text("stop"), token: "wrong")) == .refuse(status: 401, .badSignature))
        // The token before the change still counts.
        #expect(inbound.decide(Account.webhook(Account.text("stop"), token: "old-token")).event?.action == .optOut)
        #expect(TwilioInbound(settings: .init(authTokens: []), keywords: KeywordEngine(.sms), identifiers: IdentifierReader(rules: .standard))
            .decide(good) == .refuse(status: 401, .badSignature))
    }

    @Test func throughTheLedgerStopBlocksReplayIsOneEventAndStartRestores() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("stopgate-intake-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let ledger = try PreferenceLedger(path: directory.appendingPathComponent("ledger.db").path)
        let phone = Identifier(kind: .phone, value: "+14155550123")
        func deliver(_ body: String, sid: String, at moment: Int64, _ intake: TwilioInbound) throws -> AppendResult {
            let fields = Account.text(body).map { $0.name.elementsEqual("MessageSid".utf8) ? FormField("MessageSid", sid) : $0 }
            let event = try #require(intake.decide(Account.webhook(fields, at: moment)).event)
            return try ledger.append(event, whenKnown: .keepFirst)
        }
        #expect(try deliver("STOP", sid: "SM1", at: 1000, inbound).isNew)
        #expect(try ledger.check(phone).blockedChannels == .phoneMessages)
        #expect(try deliver("STOP", sid: "SM1", at: 2000, inbound) .position == 1)
        #expect(try deliver("START", sid: "SM2", at: 3000, inbound).isNew)
        #expect(try ledger.check(phone).blockedChannels == [])
        // Replays of either change nothing, under any policy.
        #expect(try !deliver("STOP", sid: "SM1", at: 4000, Account.inbound(.everything)).isNew)
        #expect(try deliver("STOP", sid: "SM3", at: 5000, inbound).isNew)
        #expect(try !deliver("START", sid: "SM2", at: 6000, inbound).isNew)
        #expect(try ledger.check(phone).blockedChannels == .phoneMessages)
        #expect(try ledger.lastPosition() == 3 && ledger.verify().isSound)
    }
}
