import Adapters
import Bytes
import Foundation
import Gate
import Policy
import Recipients
import Testing

@Suite struct StripPropertyTests {
    private func inspect(_ inspector: inout Inspector, _ body: [UInt8]) -> Verdict {
        inspector.inspect(
            Fixture.sendgrid, contentType: Array("application/json".utf8).span, query: [UInt8]().span, body: body.span,
            isSigned: false, suppressions: Fixture.suppressed)
    }

    /// Strip, then inspect: nobody blocked is left, everybody else is there, and Foundation reads the same document less
    /// the blocked.
    @Test(arguments: 0..<400) func strippedMailIsAllowed(seed: Int) throws {
        var generator = MailGenerator(seed: UInt64(seed))
        let mail = generator.mail()
        let body = generator.layOut(mail)
        var inspector = Fixture.inspector()
        let verdict = inspect(&inspector, body)
        let kept = inspector.recipients.filter { $0.fate == .allowed }.map { body[$0.span.range] }
        let expected = mail.personalizations.filter { $0.lists[0].emails.contains { !MailGenerator.blocked.contains($0) } }
        let blocked = mail.personalizations.flatMap { $0.lists.flatMap(\.emails) }.filter { MailGenerator.blocked.contains($0) }

        if blocked.isEmpty {
            #expect(verdict == .allow)
        } else if expected.isEmpty {
            #expect(verdict == .reject)
        } else {
            #expect(verdict == .strip)
            var out = GrowableBytes()
            inspector.appendRewritten(body.span, into: &out)
            let stripped = out.array
            try checkDocument(stripped, mail)
            #expect(inspect(&inspector, stripped) == .allow)
            #expect(inspector.recipients.map { stripped[$0.span.range] } == kept)
            #expect(isSubsequence(stripped, of: body))
        }
    }

    /// Order of members and blanks change nothing.
    @Test(arguments: 0..<200) func layoutDoesNotMatter(seed: Int) {
        var generator = MailGenerator(seed: UInt64(seed) &* 7919)
        let mail = generator.mail()
        var inspector = Fixture.inspector()
        let first = inspect(&inspector, generator.layOut(mail))
        let fates = inspector.recipients.map(\.fate.rawValue).sorted()
        for _ in 0..<4 {
            #expect(inspect(&inspector, generator.layOut(mail)) == first)
            #expect(inspector.recipients.map(\.fate.rawValue).sorted() == fates)
        }
    }

    /// The stripped document, read by another parser, is the mail less the blocked recipients and emptied lists.
    private func checkDocument(_ bytes: [UInt8], _ mail: MailGenerator.Mail) throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let found = try #require(document["personalizations"] as? [[String: Any]])
        let free = { (emails: [String]) in emails.filter { !MailGenerator.blocked.contains($0) } }
        let expected = mail.personalizations.filter { !free($0.lists[0].emails).isEmpty }
        #expect(found.count == expected.count)
        for (item, wanted) in zip(found, expected) {
            #expect(Set(item.keys) == Set(wanted.others.map(\.0) + wanted.lists.filter { $0.emails.isEmpty || !free($0.emails).isEmpty }.map(\.name)))
            for list in wanted.lists where !free(list.emails).isEmpty {
                let emails = (item[list.name] as? [[String: Any]])?.compactMap { $0["email"] as? String }
                #expect(emails == free(list.emails))
            }
        }
        #expect(Set(document.keys) == Set(mail.others.map(\.0) + ["personalizations"]))
    }

    private func isSubsequence(_ part: [UInt8], of whole: [UInt8]) -> Bool {
        var at = 0
        for byte in whole where at < part.count && part[at] == byte { at += 1 }
        return at == part.count
    }
}
