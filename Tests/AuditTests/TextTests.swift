import Glibc
import Recipients
import Testing

@testable import Audit

@Suite struct TextTests {
    private func escaped(_ bytes: [UInt8], limit: Int = 1024) -> String {
        var lines = LineBuffer(capacity: 16)
        bytes.withUnsafeBytes { lines.put(escaped: $0, limit: limit) }
        return String(decoding: lines.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("plain text of more than eight bytes", "plain text of more than eight bytes"),
        ("a\"b\\c", "a\\\"b\\\\c"),
        ("line\r\nbreak\u{0}\u{7f}", "line\\u000d\\u000abreak\\u0000\\u007f"),
        ("ä€😀", "\\u00e4\\u20ac\\ud83d\\ude00"),
        ("\u{2028}\u{202e}", "\\u2028\\u202e"),
        ("12345678\"12345678", "12345678\\\"12345678"),
    ])
    func escapes(_ text: String, _ expected: String) throws {
        #expect(escaped(Array(text.utf8)) == expected)
        let object = Array("{\"a\":\"\(expected)\"}".utf8).withUnsafeBytes { JSONReader.object($0) }
        #expect(object?["a"]?.string == text)
    }

    @Test func escapesEveryByteOnItsOwnAndAmongOthers() throws {
        for byte in UInt8.min...UInt8.max {
            for text in [[byte], Array(repeating: 0x61, count: 5) + [byte] + Array(repeating: 0x61, count: 10)] {
                let out = escaped(text)
                #expect(out.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
                let object = Array("{\"a\":\"\(out)\"}".utf8).withUnsafeBytes { JSONReader.object($0) }
                #expect(object?["a"]?.string == String(decoding: text, as: UTF8.self))
            }
        }
    }

    @Test(arguments: [
        [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f], [0xff], [0xc3],
    ] as [[UInt8]])
    func whatIsNotUTF8BecomesReplacementCharacters(_ bytes: [UInt8]) {
        #expect(escaped(bytes) == String(repeating: "\\ufffd", count: bytes.count))
    }

    @Test func cutsAtTheLimit() {
        for limit in 32..<48 {
            for text in [[UInt8](repeating: 0x61, count: 100), Array(repeating: 0x0a, count: 100), Array("😀😀😀😀😀😀".utf8)] {
                let out = escaped(text, limit: limit)
                #expect(out.utf8.count <= limit)
                #expect(out.hasSuffix("\\u2026"))
            }
        }
        #expect(escaped([UInt8](repeating: 0x61, count: 1018)).utf8.count == 1018)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"), (1_767_225_599_999_999, "2025-12-31T23:59:59.999999Z"),
        (4_102_444_800_000_000, "2100-01-01T00:00:00.000000Z"), (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ] as [(Int64, String)])
    func timesArePrintedAndRead(_ time: Int64, _ text: String) {
        var timestamp = Timestamp()
        var lines = LineBuffer(capacity: 16)
        lines.put(time, &timestamp)
        #expect(String(decoding: lines.bytes, as: UTF8.self) == text)
        #expect(Timestamp.parse(lines.bytes) == time)
    }

    @Test func timesAgreeWithTheCLibraryOverFourCenturies() {
        var timestamp = Timestamp()
        var second: Int64 = -5_000_000_000
        while second < 8_000_000_000 {
            var parts = tm()
            var time = time_t(second)
            gmtime_r(&time, &parts)
            var lines = LineBuffer(capacity: 64)
            lines.put(second * 1_000_000, &timestamp)
            let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
            let fields = date + [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
            let printed = String(decoding: lines.bytes, as: UTF8.self).split { !$0.isNumber }.prefix(6).map { Int($0) }
            #expect(printed == fields)
            #expect(Timestamp.parse(lines.bytes) == second * 1_000_000)
            second += 4_999_999
        }
    }

    @Test(arguments: [
        "2025-02-29T00:00:00.000000Z", "2025-13-01T00:00:00.000000Z", "2025-01-01T24:00:00.000000Z",
        "2025-01-01T00:00:00.000000", "2025-01-01 00:00:00.000000Z", "2025-00-01T00:00:00.000000Z", "",
    ])
    func otherTimesAreRefused(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { Timestamp.parse($0) } == nil)
    }

    @Test(arguments: [
        (.phone, "+15551234567", "+1********67"), (.phone, "5551234567", "********67"), (.phone, "12345", "***"),
        (.email, "jane.doe@example.com", "j***@example.com"), (.email, "j@example.com", "***@example.com"),
        (.email, "no-domain", "***"), (.email, "a@b@c.org", "a***@c.org"), (.email, "äö@example.com", "***@example.com"),
        (.pushToken, "0123456789abcdef", "***ef"), (.pushToken, "short", "***"), (.postal, "1 Main St, Springfield", "***"),
        (.external, "customer-4711", "***"), (.external, "a-long-customer-id-4711", "***11"), (.phone, "", "***"),
    ] as [(IdentifierKind, String, String)])
    func masks(_ kind: IdentifierKind, _ identifier: String, _ expected: String) {
        var target = [UInt8](repeating: 0, count: Mask.limit)
        let count = target.withUnsafeMutableBufferPointer { room in
            Array(identifier.utf8).withUnsafeBytes { Mask.write(kind, $0, to: room.baseAddress!) }
        }
        #expect(String(decoding: target[..<count], as: UTF8.self) == expected)
    }

    @Test func spellingsAreTheTypesOwnNames() {
        for verdict in AuditVerdict.allCases {
            #expect("\(Spelling.verdict(verdict.rawValue))" == ",\"verdict\":\"\(verdict.name)\"")
        }
        for verdict in AuditRecipientVerdict.allCases {
            #expect("\(Spelling.recipientVerdict(verdict.rawValue))" == ",\"verdict\":\"\(verdict.name)\"")
        }
        for enforcement in AuditEnforcement.allCases {
            #expect("\(Spelling.enforcement(enforcement.rawValue))" == ",\"enforcement\":\"\(enforcement.name)\"")
        }
        for result in OutcomeRecord.Result.allCases {
            #expect("\(Spelling.result(result.rawValue))" == ",\"result\":\"\(result.name)\"")
        }
        for kind in IdentifierKind.allCases {
            #expect("\(Spelling.kind(kind))" == kind.name)
            #expect("\(Spelling.keyedPrefix(kind))" == "\(kind.name):")
        }
        for channel in Channel.allCases {
            #expect("\(Spelling.channel(channel.rawValue))" == ",\"channel\":\"\(channel.name)\"")
            #expect("\(Spelling.channelElement(channel.rawValue))" == "\"\(channel.name)\"")
        }
    }
}
