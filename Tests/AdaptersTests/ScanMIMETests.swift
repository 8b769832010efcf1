import Adapters
import AllocationCounter
import Bytes
import Testing
import TestSupport

@Suite struct ScanMIMETests {
    static func fault(_ text: [UInt8], _ limits: MIMELimits = .standard) -> BodyFault? {
        var message = MIMEMessage()
        do throws(BodyFault) {
            try message.scan(text.span, limits: limits)
            return nil
        } catch {
            precondition(message.count == 0)
            return error
        }
    }

    static func fault(_ text: String, _ limits: MIMELimits = .standard) -> BodyFault? { fault(Array(text.utf8), limits) }

    static func fields(_ text: String) throws -> (fields: [String], body: String, isSealed: Bool) {
        let bytes = Array(text.utf8)
        var message = MIMEMessage()
        try message.scan(bytes.span)
        let fields = (0..<message.count).map { i in
            let unfolded = written { message.appendUnfolded(i, in: bytes.span, to: &$0) }
            precondition(unfolded.utf8.count == message[i].value.count)
            return "\(message[i].role)|\(unfolded)"
        }
        return (fields, String(decoding: bytes[message.bodyStart...], as: UTF8.self), message.isSealed)
    }

    @Test func reads() throws {
        let text = "From: F <f@x.com>\r\nTo: A <a@x.com>,\r\n b@x.com\r\nCC:c@x.com\r\nbcc:\r\nSubject: héllo\r\nX-Foo: \t\r\n y\r\n\r\nTo: nobody\r\n"
        let found = try Self.fields(text)
        #expect(found.fields == ["known| F <f@x.com>", "to| A <a@x.com>,   b@x.com", "cc|c@x.com", "bcc|", "known| héllo", "unknown| \t   y"])
        #expect(found.body == "To: nobody\r\n")
        #expect(!found.isSealed)
    }

    @Test func readsLineFeeds() throws {
        let found = try Self.fields("To: a@x.com,\n b@x.com\nSubject: s\n\nbody\n\nmore\n")
        #expect(found.fields == ["to| a@x.com,  b@x.com", "known| s"])
        #expect(found.body == "body\n\nmore\n")
    }

    @Test(arguments: ["To: a@x.com", "To: a@x.com\r\n", "To: a@x.com\n"]) func readsHeadsWithoutABody(text: String) throws {
        let found = try Self.fields(text)
        #expect(found.fields == ["to| a@x.com"])
        #expect(found.body == "")
    }

    @Test func rolesAndSeals() throws {
        #expect(try Self.fields("Resent-To: a@x.com\r\nTo: b@x.com\r\n\r\n").fields == ["resentTo| a@x.com", "to| b@x.com"])
        for head in ["Resent-To: a@x.com", "resent-cc: a@x.com", "Resent-Bcc: a@x.com", "DKIM-Signature: v=1"] {
            #expect(try Self.fields("\(head)\r\n\r\n").isSealed)
        }
        #expect(try Self.fields("List-Unsubscribe: <mailto:u@x.com>\r\nContent-Type: text/plain\r\nX-SMTPAPI: {}\r\nX-Receiver: a@x.com\r\n\r\n").fields.map { $0.prefix(3) }
            == ["kno", "kno", "unk", "unk"])
        #expect(MIMEField.Role.allCases.filter(\.isRecipient) == [.to, .cc, .bcc, .resentTo, .resentCc, .resentBcc])
    }

    static let faults: [(String, BodyFault.Cause, Int)] = [
        ("", .badHeaderLine, 0), ("\r\nTo: a@x.com\r\n\r\n", .badHeaderLine, 0), (" To: a@x.com\r\n\r\n", .badHeaderLine, 0), ("\tTo: a@x.com\r\n\r\n", .badHeaderLine, 0),
        ("From a@x.com Mon\r\nTo: a@x.com\r\n\r\n", .badHeaderName, 4), ("To\r\n\r\n", .badHeaderLine, 0), ("Subject: s\r\nnonsense\r\nTo: a@x.com\r\n\r\n", .badHeaderLine, 12),
        ("To : a@x.com\r\n\r\n", .badHeaderName, 2), ("To\t: a@x.com\r\n\r\n", .badHeaderName, 2), (": a@x.com\r\n\r\n", .badHeaderName, 0),
        ("T(c)o: a@x.com\r\n\r\n", .badHeaderName, 1), ("T\u{e9}: a@x.com\r\n\r\n", .badHeaderName, 1), ("\u{feff}To: a@x.com\r\n\r\n", .badHeaderName, 0),
        ("Subject: s\r\n \r\nBcc: b@x.com\r\n\r\n", .badHeaderLine, 12), ("Subject: s\r\n \t \r\n x\r\n\r\n", .badHeaderLine, 12),
        ("Subject: s\r\nTo: a@x.com\nBcc: b@x.com\r\n\r\n", .mixedLineEnds, 23), ("Subject: s\nTo: a@x.com\r\n\r\n", .mixedLineEnds, 22),
        ("Subject: s\rBcc: b@x.com\r\n\r\n", .mixedLineEnds, 10), ("Subject: s\r\r\nBcc: b@x.com\r\n\r\n", .mixedLineEnds, 10), ("To: a@x.com\r", .mixedLineEnds, 11),
        ("To: a@x.com\n\nbody\r\nBcc: b@x.com\r\n\r\n", .mixedLineEnds, 17), ("To: a@x.com\n\n" + String(repeating: "x", count: 100) + "\r", .mixedLineEnds, 113),
        ("To: a@x.com\r\nTo: b@x.com\r\n\r\n", .headerRepeated, 13), ("Cc: a@x.com\r\nX: y\r\nCC: b@x.com\r\n\r\n", .headerRepeated, 19),
        ("Bcc: a@x.com\r\nbcc: b@x.com\r\n\r\n", .headerRepeated, 14), ("From: a@x.com\r\nFROM: b@x.com\r\n\r\n", .headerRepeated, 15),
        ("Resent-To: a@x.com\r\nResent-To: b@x.com\r\n\r\n", .headerRepeated, 20), ("Apparently-To: a@x.com\r\n\r\n", .headerForbidden, 0),
        ("Subject: a\u{0}b\r\n\r\n", .controlInHeader, 10), ("Subject: a\u{b}b\r\n\r\n", .controlInHeader, 10), ("Subject: a\u{c}To: b\r\n\r\n", .controlInHeader, 10),
        ("Subject: a\u{7f}\r\n\r\n", .controlInHeader, 10), ("Subject: a\u{85}To: x@y\r\n\r\n", .controlInHeader, 10), ("Subject: a\u{2028}To: x@y\r\n\r\n", .controlInHeader, 10),
    ]

    @Test(arguments: faults) func refuses(text: String, cause: BodyFault.Cause, offset: Int) {
        let fault = Self.fault(text)
        #expect(fault?.cause == cause)
        #expect(fault?.offset == offset)
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(Self.fault(Array("Subject: ".utf8) + [0xe9, 0x0d, 0x0a, 0x0d, 0x0a]) == BodyFault(.invalidUTF8, at: 9))
        // Behind the head nobody looks.
        #expect(Self.fault(Array("Subject: s\r\n\r\n".utf8) + [0xe9, 0x0a, 0x00]) == nil)
    }

    @Test func limits() {
        let line = "X: " + String(repeating: "y", count: 995)
        #expect(Self.fault("\(line)\r\n\r\n") == nil)
        #expect(Self.fault("\(line)y\r\n\r\n")?.cause == .headerLineTooLong)
        #expect(Self.fault(String(repeating: "X: y\r\n", count: 500) + "\r\n") == nil)
        #expect(Self.fault(String(repeating: "X: y\r\n", count: 501) + "\r\n")?.cause == .tooManyHeaders)
        #expect(Self.fault("X: y\r\n" + String(repeating: " z\r\n", count: 80_000) + "\r\n")?.cause == .headTooLong)
        #expect(BodyFault(.headTooLong, at: 0).status == 413)
    }

    /// Any bytes at all: an answer, never a trap, and a fault inside of the text.
    @Test func noiseIsAnswered() {
        var random = SeededGenerator(seed: 23)
        let pieces = ["To: a@x.com", "\r\n", "\n", " ", "Cc:b@x.com", "\r", ":", "x", "\r\n ", "Subject: s", "\r\n\r\n", "é", "\u{0}"]
        var accepted = 0
        for _ in 0..<30_000 {
            let text = (0..<Int.random(in: 0..<10, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            let fault = Self.fault(text)
            if fault == nil { accepted += 1 }
            #expect((fault?.offset ?? 0) <= text.utf8.count)
        }
        #expect(accepted > 1000)
    }

    @Test(.enabled(if: allocation_counting_is_on())) func aWarmMessageAllocatesNothing() {
        let text = Array("From: f@x.com\r\nTo: A <a@x.com>,\r\n b@x.com\r\nSubject: é\r\n\r\nbody".utf8)
        var message = MIMEMessage()
        var out = GrowableBytes(capacity: 4096)
        func round() {
            for _ in 0..<100 {
                out.reset()
                do throws(BodyFault) { try message.scan(text.span) } catch { return }
                message.appendUnfolded(1, in: text.span, to: &out)
            }
        }
        round()
        let before = allocation_count()
        round()
        let made = allocation_count() - before
        #expect(made == 0)
        let unfolded = out.count
        #expect(unfolded > 20)
    }
}
