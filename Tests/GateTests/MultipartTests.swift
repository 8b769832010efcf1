import Adapters
import Bytes
import Foundation
import Gate
import Recipients
import Testing

@Suite struct MultipartTests {
    private static let boundary = "b0undary"

    /// One part; `head` goes behind the name.
    private func part(_ name: String, _ content: String, _ head: String = "") -> String {
        "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(head)\r\n\r\n\(content)\r\n"
    }

    private func body(_ parts: String...) -> String { parts.joined() + "--\(Self.boundary)--\r\n" }

    private func inspect(_ id: String, _ body: String, query: String = "", type: String? = nil) -> (Verdict, String) {
        var inspector = Fixture.inspector()
        let bytes = Array(body.utf8), type = Array((type ?? "multipart/form-data; boundary=\(Self.boundary)").utf8)
        let verdict = inspector.inspect(
            FormFixture.endpoint(id), contentType: type.span, query: Array(query.utf8).span, body: bytes.span, isSigned: false,
            suppressions: Fixture.suppressed)
        var out = GrowableBytes()
        if verdict == .strip { inspector.appendRewritten(bytes.span, into: &out) }
        return (verdict, String(decoding: out.array, as: UTF8.self))
    }

    @Test func partsAreFields() {
        let text = part("text", "gone@example.com"), file = part("attachment", "left@example.org\u{0}\u{1}", "; filename=\"a.bin\"")
        #expect(inspect("parts", body(part("to", "ann@example.com"), text, file)).0 == .allow)
        #expect(inspect("parts", body(text, part("to", "gone@example.com"))).0 == .reject)
        #expect(
            inspect("parts", body(part("to", "Ann <ann@example.com>, gone@example.com"), text, file)) == (.strip, body(part("to", "Ann <ann@example.com>"), text, file)))
        #expect(
            inspect("parts", body(text, part("to", "gone@example.com"), part("to", "ann@example.com"), file)) == (.strip, body(text, part("to", "ann@example.com"), file)))
        #expect(
            inspect("parts", body(part("Dest.member.1", "left@example.org"), part("Dest.member.2", "ann@example.com"))) == (.strip, body(part("Dest.member.1", "ann@example.com"))))
        #expect(inspect("parts", body(part("to", "ann@example.com"), part("force", "1"))).0 == .refuse(.overrideForbidden))
        // In the other coding of the same form.
        #expect(inspect("parts", "to=gone@example.com,ann@example.com", type: "application/x-www-form-urlencoded") == (.strip, "to=ann@example.com"))
        #expect(inspect("parts", "to=ann@example.com", type: "application/json").0 == .refuse(.contentTypeUnexpected))
    }

    @Test func aPartsLengthStaysRight() {
        let before = "--b0undary\r\nContent-Disposition: form-data; name=\"to\"\r\nContent-Length: 32\r\n\r\nann@example.com,gone@example.com\r\n"
        let after = "--b0undary\r\nContent-Disposition: form-data; name=\"to\"\r\nContent-Length: 15\r\n\r\nann@example.com\r\n"
        #expect(inspect("parts", body(before)) == (.strip, body(after)))
    }

    @Test func whatServersReadInTwoWaysIsRefused() {
        let good = part("to", "ann@example.com")
        for (extra, refusal) in [
            (part("To", "x"), Refusal.nameMisspelt), (part("to[]", "x"), .nameMisspelt), (part("Dest[member][1]", "x"), .nameMisspelt),
            (part("cc", "bob@example.com", "; filename=\"\""), .recipientMistyped), (part("cc", "bob@example.com\r\nContent-Type: x", ""), .recipientMalformed),
            (part("Dest.member.1", "bob@example.com") + part("Dest.member.1", "bob@example.com"), .recipientRepeated), (part("note", "gone@example.com"), .suppressedElsewhere),
            (part("_method", "PUT"), .methodOverride),
        ] { #expect(inspect("parts", body(good, extra)).0 == .refuse(refusal), "\(extra)") }
        #expect(inspect("parts", body(good, part("note", "gone@example.com", "; filename=\"a\""))).0 == .allow)
        #expect(inspect("parts", body(good) + "x").0 == .refuse(.bodyMalformed))
        #expect(inspect("parts", "x\r\n" + body(good)).0 == .refuse(.bodyMalformed))
        #expect(inspect("parts", body(good), type: "multipart/form-data").0 != .allow)
        #expect(inspect("parts", body(good), type: "multipart/form-data; boundary=other").0 == .refuse(.bodyMalformed))
        // Nobody can be taken out of the query, and no part would be left.
        #expect(inspect("parts", body(part("to", "gone@example.com")), query: "to=ann@example.com").0 == .reject)
        #expect(inspect("parts", body(good), query: "to=gone@example.com").0 == .reject)
    }

    @Test func alignedPartsLoseTheSamePieces() throws {
        var dst = RecipientSpec(at: "dst", kind: .phone, required: true)
        dst.list = .lessThan
        let endpoint = try LanguageFixture.endpoint([dst]) {
            $0.formats = [.multipart, .form]
            $0.strip = [StripSpec(remove: "dst", whenEmpty: .reject, aligned: ["ring"])]
        }
        func outcome(_ body: String, query: String = "") -> String {
            var inspector = Fixture.inspector()
            let bytes = Array(body.utf8), query = Array(query.utf8)
            let verdict = inspector.inspect(
                endpoint, contentType: Array("multipart/form-data; boundary=\(Self.boundary)".utf8).span, query: query.span, body: bytes.span, isSigned: false,
                suppressions: Fixture.suppressed)
            if case .refuse(let cause) = verdict { return "refuse \(cause.label)" }
            var out = GrowableBytes()
            if verdict == .strip { inspector.appendRewritten(bytes.span, into: &out) }
            return verdict == .strip ? String(decoding: out.array, as: UTF8.self) : "\(verdict)"
        }
        let two = part("dst", "+14155550142<+14155550100")
        #expect(outcome(body(two, part("ring", "10<20"))) == body(part("dst", "+14155550142"), part("ring", "10")))
        #expect(outcome(body(part("ring", "10<20"), two)) == body(part("ring", "10"), part("dst", "+14155550142")))
        #expect(outcome(body(two, part("ring", "10"))) == body(part("dst", "+14155550142"), part("ring", "10")))
        for ring in ["10<20<30", "<10<20"] {
            #expect(outcome(body(two, part("ring", ring))) == "refuse recipient-malformed", "\(ring)")
        }
        #expect(outcome(body(part("dst", "+14155550142"), part("ring", "10<20"))) == "refuse recipient-malformed")
        #expect(outcome(body(two), query: "ring=10%3C20") == "refuse recipient-malformed")
        #expect(outcome(body(two, part("ring", "10<20", "; filename=\"x\""))) == "refuse recipient-mistyped")
    }

    @Test func aMessageBesideItsEnvelope() {
        func message(_ to: String) -> String { part("message", "To: \(to)\r\nSubject: x\r\n\r\nHello\r\n", "; filename=\"message\"") }
        #expect(inspect("message", body(part("to", "ann@example.com"), message("ann@example.com"))).0 == .allow)
        #expect(
            inspect("message", body(part("to", "ann@example.com,gone@example.com"), message("ann@example.com, gone@example.com")))
                == (.strip, body(part("to", "ann@example.com"), message("ann@example.com"))))
        #expect(inspect("message", body(part("to", "gone@example.com"), message("ann@example.com"))).0 == .reject)
    }

    @Test func aMessageThatIsTheBody() {
        func base64(_ to: String) -> String { Data("To: \(to)\r\nSubject: x\r\n\r\nHello\r\n".utf8).base64EncodedString() }
        #expect(inspect("whole", base64("ann@example.com"), type: "text/plain").0 == .allow)
        #expect(inspect("whole", base64("ann@example.com, gone@example.com"), type: "text/plain") == (.strip, base64("ann@example.com")))
        #expect(inspect("whole", base64("gone@example.com"), type: "text/plain").0 == .reject)
        #expect(inspect("whole", base64("ann@example.com"), query: "x=gone@example.com", type: "text/plain").0 == .refuse(.suppressedElsewhere))
        #expect(inspect("whole", "To: ann@example.com\r\n\r\n", type: "text/plain").0 == .refuse(.bodyMalformed))
    }
}
