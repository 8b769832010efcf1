import Adapters
import Recipients
import Testing

/// Texts in places that nobody declared, and ids, that hold somebody who has opted out beside others.
@Suite struct SuspectTests {
    @Test(arguments: [
        "gone@example.com ann@example.com", "ann@example.com gone@example.com", "gone@example.com:ann@example.com",
        "mailto:gone@example.com?cc=ann@example.com", "mailto:ann@example.com?cc=gone@example.com", "gone@example.com/ann@example.com",
        "gone@example.com&ann@example.com", "write to gone@example.com (or ann@example.com)", "+14155550100 +14155550111",
        "+14155550111 +14155550100", "14155550100 14155550111", "+14155550111/+14155550100", "call 14155550100", "+14155550111+14155550100",
    ]) func listsInUnknownPlaces(text: String) throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.sms, .email], [LanguageFixture.mail("to[*]")]) { spec in
            spec.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)]
        }
        #expect(LanguageFixture.outcome(endpoint, #"{"to":["ann@example.com"],"cc":"\#(text)"}"#) == "refuse suppressed-elsewhere")
        let opaque = try LanguageFixture.endpoint(channels: [.sms, .email], mode: .single, [LanguageFixture.slot("to", .external) { $0.opaque = .allow }])
        #expect(LanguageFixture.outcome(opaque, #"{"to":"\#(text)"}"#) == "refuse suppressed-elsewhere")
    }

    @Test(arguments: [
        "ann@example.com left@example.com", "@ @@ gone@ @example.com", "+14155550111 +14155550112", "id-x14155550100y", "2026-11-22 02:16:43", "++++", "",
    ]) func otherTextsPass(text: String) throws {
        let endpoint = try LanguageFixture.endpoint(channels: [.sms, .email], [LanguageFixture.mail("to[*]")]) { spec in
            spec.strip = [StripSpec(remove: "to[*]", whenEmpty: .reject)]
        }
        #expect(LanguageFixture.outcome(endpoint, #"{"to":["ann@example.com"],"cc":"\#(text)"}"#) == "allow")
    }

    /// Telephone libraries skip letters around a number, and dial the letters behind a plus.
    @Test(arguments: [
        ("14155550100x", "refuse suppressed-elsewhere"), ("u14155550100", "refuse suppressed-elsewhere"), ("+1800FLOWERS", "refuse recipient-malformed"),
        ("+1 800 FLOWERS", "refuse recipient-malformed"), ("u14155550111", "allow"), ("client:ann", "allow"), ("MG0123456789abcdef", "allow"),
    ]) func idsThatAreDialled(text: String, outcome: String) throws {
        let endpoint = try LanguageFixture.endpoint(mode: .single, [LanguageFixture.phone("to") { $0.otherwise = .allow }])
        #expect(LanguageFixture.outcome(endpoint, #"{"to":"\#(text)"}"#) == outcome)
    }
}
