import Bytes
import Testing

@testable import Recipients

@Suite struct IdentifierMaskTests {
    @Test(arguments: [
        ("+1 415 555 0167", IdentifierKind.phone, "+1********67"), ("4155550167", .phone, "********67"),
        ("+442079460958", .phone, "+4*********58"), ("tel:+14155550167", .phone, "+1********67"), ("40404", .phone, "*****"),
        ("", .phone, "***"), ("+", .phone, "***"), ("ACME", .phone, "***"), ("１４１５", .phone, "***"),
        ("123456789012345678901234567890", .phone, "***"), ("jo.doe@example.com", .email, "j***@example.com"),
        ("Jo Doe <Mo@Example.COM>", .email, "m***@example.com"), ("\"a@b.com\" <jo@example.com>", .email, "j***@example.com"),
        ("\"jo\"@example.com", .email, "***@example.com"), ("jo@b\u{fc}cher.example", .email, "j***@b??cher.example"),
        ("jo@example.com\r\nBcc: all@example.org", .email, "j***@example.org"), ("jo", .email, "***"), ("@", .email, "***"),
        ("jo@exa\u{1b}[31mmple.com", .email, "j***@exa"), ("0123456789abcdefXY", .pushToken, "***XY"), ("short", .pushToken, "***"),
        ("1 Main Street", .postal, "***"), ("customer-4711", .external, "***"),
    ])
    func showsLittle(text: String, kind: IdentifierKind, masked: String) {
        var output = GrowableBytes()
        let bytes = Array(text.utf8)
        IdentifierMask.append(bytes.span, kind: kind, to: &output)
        let shown = String(decoding: output.bytes, as: UTF8.self)
        #expect(shown == masked)
    }

    @Test func boundsTheDomain() {
        var output = GrowableBytes()
        let bytes = Array(("j@" + String(repeating: "d", count: 5000)).utf8)
        IdentifierMask.append(bytes.span, kind: .email, to: &output)
        let count = output.count
        #expect(count == 5 + 253)
    }
}
