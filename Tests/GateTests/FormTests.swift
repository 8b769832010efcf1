import Adapters
import AllocationCounter
import Bytes
import Foundation
import Gate
import Recipients
import Testing

@Suite struct FormTests {
    /// Gone: gone@example.com (everywhere), left@example.org (e-mail), +14155550100 (phone).
    private func inspect(
        _ id: String, _ body: String, query: String = "", path: String = "", headers: [(String, String)] = []
    ) -> (Verdict, String, [String]) {
        var inspector = Fixture.inspector()
        let endpoint = FormFixture.endpoint(id)
        let bytes = Array(body.utf8)
        let type = Array((endpoint.bodyTypes.first.map { String(decoding: $0.name, as: UTF8.self) } ?? "").utf8)
        let verdict = inspector.inspect(
            endpoint, path: Array(path.utf8).span, headers: Headers(list: headers), contentType: type.isEmpty ? nil : type.span,
            query: Array(query.utf8).span, body: bytes.span, isSigned: false, suppressions: Fixture.suppressed)
        var out = GrowableBytes()
        if verdict == .strip { inspector.appendRewritten(bytes.span, into: &out) }
        let fates = inspector.recipients.map { finding -> String in
            let source = finding.source == .body ? bytes : finding.source == .query ? Array(query.utf8) : Array(path.utf8)
            let text = finding.source == .header ? "" : String(decoding: source[finding.span.range], as: UTF8.self)
            return "\(finding.fate.label) \(text)"
        }
        return (verdict, String(decoding: out.array, as: UTF8.self), fates)
    }

    private struct Headers: RequestHeaders {
        let list: [(String, String)]
        func append(_ name: Span<UInt8>, to out: inout GrowableBytes) -> Int {
            let found = list.filter { ASCIIText.equal($0.0.utf8.span, name) }
            if let first = found.first { out.append(first.1) }
            return found.count
        }
    }

    private func verdict(_ id: String, _ body: String, query: String = "") -> Verdict { inspect(id, body, query: query).0 }
    private func stripped(_ id: String, _ body: String) -> String {
        let (verdict, out, _) = inspect(id, body)
        #expect(verdict == .strip)
        return out
    }

    // MARK: Numbered lists

    @Test func membersAreCutAndTheRestRenumbered() {
        let to = "Destination.ToAddresses.member", cc = "Destination.CcAddresses.member"
        #expect(verdict("members", "Source=n&\(to).1=ann%40example.com&\(cc).1=bob@example.com") == .allow)
        #expect(
            stripped("members", "\(to).1=gone@example.com&Source=n&\(to).2=ann%40example.com&\(to).3=bob@example.com&\(cc).1=left@example.org")
                == "Source=n&\(to).1=ann%40example.com&\(to).2=bob@example.com")
        #expect(
            stripped("members", "\(to).2=ann@example.com&\(to).1=gone@example.com&\(to).10=bob@example.com&x=y") == "\(to).1=ann@example.com&\(to).9=bob@example.com&x=y")
        // The list that may be empty, and the one that takes the request with it.
        #expect(stripped("members", "\(to).1=gone@example.com&\(cc).1=ann@example.com") == "\(cc).1=ann@example.com")
        #expect(verdict("members", "\(to).1=gone@example.com&\(cc).1=left@example.org") == .reject)
        // A name in escapes is the name.
        #expect(
            stripped("members", "Destination.ToAddresses%2Emember.%31=gone@example.com&Destination.ToAddresses.member%2e%32=ann@example.com")
                == "Destination.ToAddresses.member%2e1=ann@example.com")
    }

    @Test func aListOfListsLosesItemsOfBoth() {
        let body = "Template=t&D.member.1.To.member.1=gone@example.com&D.member.1.Data=x&D.member.2.To.member.1=left@example.org&D.member.2.To.member.2=ann@example.com&D.member.2.Data=y&D.member.2.Other=z"
        #expect(stripped("bulk", body) == "Template=t&D.member.1.To.member.1=ann@example.com&D.member.1.Data=y&D.member.1.Other=z")
        #expect(verdict("bulk", "D.member.1.To.member.1=gone@example.com&D.member.2.To.member.1=left@example.org") == .reject)
        // What is addressed to nobody else goes with the item, also where nobody declared it.
        #expect(
            stripped("bulk", "D.member.1.To.member.1=gone@example.com&D.member.1.Note=gone@example.com&D.member.2.To.member.1=ann@example.com")
                == "D.member.1.To.member.1=ann@example.com")
        #expect(
            verdict("bulk", "D.member.1.To.member.1=gone@example.com&D.member.2.Note=gone@example.com&D.member.2.To.member.1=ann@example.com")
                == .refuse(.suppressedElsewhere))
        // A cc is dropped with the item it stands in.
        let (verdict, _, fates) = inspect(
            "bulk", "D.member.1.To.member.1=gone@example.com&D.member.1.Cc.member.1=ann@example.com&D.member.2.To.member.1=bob@example.com")
        #expect(verdict == .strip)
        #expect(fates == ["blocked gone@example.com", "dropped ann@example.com", "allowed bob@example.com"])
    }

    @Test func brackets() {
        #expect(stripped("brackets", "to[]=gone@example.com&to%5B%5D=ann@example.com&text=x") == "to%5B%5D=ann@example.com&text=x")
        #expect(
            stripped("brackets", "to[]=ann@example.com&cc[0][email]=left@example.org&cc[0][name]=L&cc%5B1%5D[email]=bob@example.com&cc%5B1%5D[name]=B")
                == "to[]=ann@example.com&cc%5B0%5D[email]=bob@example.com&cc%5B0%5D[name]=B")
        #expect(verdict("brackets", "to[]=gone@example.com&cc[0][email]=ann@example.com") == .reject)
    }

    // MARK: Repeated fields and texts that hold lists

    @Test func repeatedFieldsGoOneByOne() {
        #expect(stripped("repeated", "to=gone@example.com&to=ann@example.com&text=x") == "to=ann@example.com&text=x")
        #expect(stripped("repeated", "text=x&to=ann@example.com&to=gone@example.com") == "text=x&to=ann@example.com")
        #expect(stripped("repeated", "to=gone@example.com&text=x&to=left@example.org&to=ann@example.com") == "text=x&to=ann@example.com")
        #expect(verdict("repeated", "to=gone@example.com&text=x") == .reject)
        // The query cannot be rewritten here.
        #expect(inspect("repeated", "to=ann@example.com", query: "to=gone@example.com").0 == .reject)
        #expect(inspect("repeated", "to=ann@example.com", query: "to=bob@example.com").0 == .allow)
    }

    @Test func mailboxesLeaveTheirList() {
        #expect(stripped("lists", "to=Ann+%3Cann@example.com%3E%2C+%22G%2C+X%22+%3Cgone@example.com%3E&text=a") == "to=Ann+%3Cann@example.com%3E&text=a")
        #expect(stripped("lists", "to=gone@example.com,ann@example.com,left@example.org,bob@example.com") == "to=ann@example.com,bob@example.com")
        #expect(stripped("lists", "to=gone@example.com,left@example.org&to=ann@example.com") == "to=ann@example.com")
        #expect(stripped("lists", "cc=gone@example.com&to=ann@example.com") == "to=ann@example.com")
        #expect(verdict("lists", "to=gone@example.com,left@example.org&cc=ann@example.com") == .reject)
        #expect(verdict("lists", "to=ann@example.com;bob@example.com") == .refuse(.recipientMalformed))
        #expect(verdict("lists", "to=&cc=") == .refuse(.recipientMissing))
        #expect(verdict("lists", "to=ann@example.com&v:who=gone@example.com") == .allow)
        #expect(verdict("lists", "to=ann@example.com&h:who=gone@example.com") == .refuse(.suppressedElsewhere))
    }

    @Test func piecesLeaveAndAlignedListsFollow() {
        let (verdict, out, fates) = inspect("pieces", "dst=%2B14155550111%3C%2B14155550100<14155550112&ring=10%3C20%3C30&text=x")
        #expect(verdict == .strip)
        #expect(out == "dst=%2B14155550111%3C14155550112&ring=10%3C30&text=x" || out == "dst=%2B14155550111<14155550112&ring=10%3C30&text=x")
        #expect(fates == ["allowed %2B14155550111", "blocked %2B14155550100", "allowed 14155550112"])
        #expect(stripped("pieces", "dst=14155550100<14155550111&ring=10&text=x") == "dst=14155550111&ring=10&text=x")
        #expect(stripped("pieces", "ring=1<2&dst=14155550111<14155550100&text=x") == "ring=1&dst=14155550111&text=x")
        #expect(stripped("pieces", "ring=1&dst=14155550111<14155550100") == "ring=1&dst=14155550111")
        #expect(self.verdict("pieces", "dst=14155550100&text=x") == .reject)
        #expect(self.verdict("pieces", "dst=14155550111<<14155550112") == .refuse(.recipientMalformed))
        #expect(self.verdict("pieces", "dst=14155550111,14155550100") == .refuse(.recipientMalformed))
        // Another number of parts would leave somebody with another one's part.
        #expect(self.verdict("pieces", "dst=14155550111<14155550100<14155550112&ring=10<20") == .refuse(.recipientMalformed))
        #expect(self.verdict("pieces", "ring=10<20<30&dst=14155550111<14155550100") == .refuse(.recipientMalformed))
        #expect(self.verdict("pieces", "dst=14155550111<14155550112&ring=10<20&ring=10") == .allow)
    }

    @Test func documentsInFields() {
        func binding(_ address: String) -> String { "ToBinding=%7B%22address%22%3A%22\(address)%22%7D" }
        #expect(verdict("bindings", binding("ann@example.com")) == .allow)
        #expect(
            stripped("bindings", "\(binding("gone@example.com"))&Body=x&\(binding("%2B14155550111"))&\(binding("%2B14155550100"))")
                == "Body=x&\(binding("%2B14155550111"))")
        #expect(verdict("bindings", binding("gone@example.com")) == .reject)
        #expect(verdict("bindings", "ToBinding=gone@example.com") == .refuse(.bodyMalformed))
    }

    @Test func messagesInFields() throws {
        func field(_ message: String) -> String {
            let base64 = Data(message.utf8).base64EncodedString()
            return "Raw.Data=" + base64.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        }
        let tail = "Subject: x\r\n\r\nHello\r\n"
        #expect(verdict("raw", field("To: ann@example.com\r\n\(tail)")) == .allow)
        #expect(verdict("raw", field("To: gone@example.com\r\n\(tail)")) == .reject)
        #expect(
            stripped("raw", "a=b&\(field("To: ann@example.com, gone@example.com\r\n\(tail)"))&c=d") == "a=b&\(field("To: ann@example.com\r\n\(tail)"))&c=d")
    }

    // MARK: What servers may read otherwise

    @Test(arguments: [
        ("members", "destination.ToAddresses.member.2=x"), ("members", "Destination[ToAddresses][member][2]=x"),
        ("members", "Destination.ToAddresses.member.02=x"), ("members", "Destination.ToAddresses=x"),
        ("members", "Destination.ToAddresses.member.1.x=x"), ("members", "destination[toaddresses]=x"),
        ("members", "Destination_ToAddresses_member_2=x"), ("members", "%EF%BC%A4estination.ToAddresses.member.2=x"), ("members", "Destination=x"),
        ("members", "+Destination.ToAddresses.member.2=x"), ("brackets", "to=x"), ("brackets", "to[0]=x"), ("brackets", "to[x][]=x"), ("brackets", "To[]=x"),
        ("brackets", "to%5B+%5D=x"), ("brackets", "cc[01][email]=x"), ("brackets", "cc[][email]=x"), ("brackets", "cc[0].email=x"), ("brackets", "[to]=x"),
        ("repeated", "to[]=x"), ("repeated", "TO=x"), ("repeated", "t%C2%ADo=x"), ("repeated", "to.x=x"), ("repeated", "to%20=x"), ("single", "Force=1"),
    ]) func aNameThatServersReadInTwoWaysIsRefused(id: String, field: String) {
        let good = ["members": "Destination.ToAddresses.member.1=ann@example.com", "brackets": "to[]=ann@example.com"][id] ?? "to=ann@example.com"
        #expect(verdict(id, good) == .allow)
        #expect(verdict(id, "\(good)&\(field)") == .refuse(.nameMisspelt), "\(field)")
        #expect(inspect(id, good, query: field).0 == .refuse(.nameMisspelt), "\(field) in the query")
    }

    @Test func repeatedNumbersAndNamesAreRefused() {
        let to = "Destination.ToAddresses.member"
        #expect(verdict("members", "\(to).1=ann@example.com&\(to).1=bob@example.com") == .refuse(.recipientRepeated))
        #expect(inspect("members", "\(to).1=ann@example.com", query: "\(to).1=bob@example.com").0 == .refuse(.recipientRepeated))
        #expect(inspect("members", "\(to).1=ann@example.com", query: "\(to).2=bob@example.com").0 == .allow)
        #expect(verdict("single", "to=ann@example.com&to=bob@example.com") == .refuse(.recipientRepeated))
        #expect(verdict("brackets", "to[]=ann@example.com&cc[0][email]=bob@example.com&cc[0][email]=x@example.com") == .refuse(.recipientRepeated))
    }

    /// A neighbour of a recipient's place is unknown like any other field.
    @Test(arguments: [
        ("members", "Destination.BccAddresses.member.1"), ("members", "Destinations.member.1"), ("bulk", "D.member.1.Note"), ("brackets", "cc[0][x]"),
        ("repeated", "tos"), ("repeated", "a[to]"), ("repeated", "to_name"),
    ]) func aNeighbourIsSearched(id: String, field: String) {
        let good = [
            "members": "Destination.ToAddresses.member.1=ann@example.com", "brackets": "to[]=ann@example.com", "bulk": "D.member.1.To.member.1=ann@example.com",
        ][id] ?? "to=ann@example.com"
        #expect(verdict(id, "\(good)&\(field)=x") == .allow)
        #expect(verdict(id, "\(good)&\(field)=bob@example.com") == .allow)
        #expect(verdict(id, "\(good)&\(field)=gone@example.com") == .refuse(.suppressedElsewhere))
    }

    // MARK: Ids, switches, times

    @Test func idsBesideIdentifiers() {
        #expect(verdict("single", "to=ann@example.com") == .allow)
        #expect(verdict("single", "to=gone@example.com") == .reject)
        #expect(verdict("single", "to=%2B14155550100") == .reject)
        #expect(inspect("single", "to=01FC66621XXXXX119Z8PMV1QPQ").2 == ["opaque 01FC66621XXXXX119Z8PMV1QPQ"])
        #expect(inspect("single", "to=12345").2 == ["opaque 12345"])
        for text in ["tel:14155550100", "4155550100x12", "%2B1-415-555-0100;ext=4", "x%2B14155550100"] {
            let (verdict, _, _) = inspect("single", "to=\(text)")
            #expect(verdict != .allow, "\(text)")
        }
        #expect(inspect("single", "list_id=abc").2 == ["opaque abc"])
        #expect(verdict("single", "list_id=%2B14155550100") == .refuse(.suppressedElsewhere))
        #expect(verdict("single", "topic=abc") == .refuse(.recipientOpaque))
        #expect(verdict("single", "text=abc") == .refuse(.recipientMissing))
    }

    @Test func switches() {
        for (field, isRefused) in [
            ("force=true", true), ("force=1", true), ("force=on", true), ("force=false", false), ("force=0", false), ("force=", false), ("force=+No+", false),
            ("force=false&force=true", true), ("risk=disable", true), ("risk=Disable", true), ("risk=enable", false), ("risk=true", false), ("loud=true", false),
        ] {
            #expect(verdict("single", "to=ann@example.com&\(field)") == (isRefused ? .refuse(.overrideForbidden) : .allow), "\(field)")
        }
    }

    @Test func sendsForLaterAreSeen() {
        var inspector = Fixture.inspector()
        let type = Array("application/x-www-form-urlencoded".utf8)
        for (field, expected) in [("&send_at=2026-12-01", true), ("", false), ("&send_at=", false)] {
            let body = Array("to=ann@example.com\(field)".utf8)
            let verdict = inspector.inspect(
                FormFixture.endpoint("single"), contentType: type.span, query: [UInt8]().span, body: body.span, isSigned: false,
                suppressions: Fixture.suppressed)
            #expect(verdict == .allow)
            #expect(inspector.isScheduled == expected)
        }
    }

    @Test func oneOfSeveralPlacesMustHoldSomebody() {
        #expect(verdict("alternatives", "to=ann@example.com") == .allow)
        #expect(verdict("alternatives", "group=g1&bcc=ann@example.com") == .allow)
        #expect(verdict("alternatives", "bcc=ann@example.com") == .refuse(.recipientMissing))
    }

    // MARK: Query, path, header

    @Test func recipientsInTheQueryOfAnEmptySend() {
        #expect(verdict("query", "", query: "to=14155550111&text=x") == .allow)
        #expect(verdict("query", "", query: "to=14155550100&text=x") == .reject)
        #expect(verdict("query", "", query: "to=14155550111&to=14155550112") == .refuse(.recipientRepeated))
        #expect(verdict("query", "", query: "to=14155550111&To=14155550100") == .refuse(.nameMisspelt))
        #expect(verdict("query", "", query: "to=14155550111&other=14155550100") == .refuse(.suppressedElsewhere))
        #expect(verdict("query", "", query: "text=x") == .refuse(.recipientMissing))
        #expect(verdict("query", "to=14155550100", query: "to=14155550111") == .refuse(.contentTypeUnexpected))
    }

    @Test func recipientsInThePath() {
        func verdict(_ path: String) -> Verdict { inspect("segment", #"{"aps":{}}"#, path: path).0 }
        #expect(verdict("/3/14155550111/device/abcd") == .allow)
        #expect(verdict("/3/+14155550111/device/abcd/") == .allow)
        #expect(verdict("/3/%2B14155550100/device/abcd") == .reject)
        #expect(verdict("/3/%2B1%20415%20555%200100/device/abcd") == .reject)
        #expect(verdict("/3/+14155550100/device/abcd") == .reject)
        #expect(verdict("/3/14155550111.json/device/abcd") == .refuse(.recipientMalformed))
        #expect(verdict("/3/14155550111/device/abcd.json") == .refuse(.recipientMalformed))
        #expect(verdict("/3/14155550111/device/ab+cd") == .refuse(.recipientMalformed))
        #expect(verdict("") == .refuse(.recipientMissing))
    }

    @Test func recipientsInAHeader() {
        func verdict(_ headers: [(String, String)]) -> Verdict { inspect("header", "", headers: headers).0 }
        #expect(verdict([("x-to", "ann@example.com, bob@example.com")]) == .allow)
        #expect(verdict([("x-to", "ann@example.com, gone@example.com")]) == .reject)
        #expect(verdict([("x-to", "ann@example.com"), ("x-to", "bob@example.com")]) == .refuse(.nameRepeated))
        #expect(verdict([]) == .refuse(.recipientMissing))
    }
}
