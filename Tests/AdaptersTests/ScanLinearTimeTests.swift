import Adapters
import Bytes
import Glibc
import Testing

/// Hostile bodies cost time in proportion to their size: four times the bytes take less than eight times as long. Limits are
/// lifted, so that the scan itself has to be linear, not only its caps.
@Suite(.serialized) struct ScanLinearTimeTests {
    /// A hostile body of about so many bytes.
    struct Attack: CustomTestStringConvertible, Sendable {
        var name: String
        var size: Int
        var make: @Sendable (Int) -> String
        var testDescription: String { name }

        init(_ name: String, _ size: Int = 50_000, _ make: @escaping @Sendable (Int) -> String) {
            (self.name, self.size, self.make) = (name, size, make)
        }

        static func repeating(_ name: String, _ piece: String, before: String = "", after: String = "") -> Attack {
            Attack(name) { before + String(repeating: piece, count: $0 / piece.utf8.count) + after }
        }
    }

    static let json: [Attack] = [
        .repeating("open brackets", "["), .repeating("digits", "1"), .repeating("zeros behind the point", "0", before: "0.", after: "1"),
        .repeating("exponent", "9", before: "1e"), .repeating("blanks", " \n"), .repeating("escapes", "\\n", before: "\"", after: "\""),
        .repeating("surrogate pairs", "\\ud83d\\ude00", before: "\"", after: "\""), .repeating("plain then escape", "aaaaaaaaa\\\\", before: "\"", after: "\""),
        .repeating("two-byte text", "\u{e9}", before: "\"", after: "\""), .repeating("mixed text", "a\u{e9}", before: "\"", after: "\""),
        .repeating("unfinished string", "a", before: "\""), .repeating("items", "1,", before: "[", after: "1]"),
        .repeating("blanks between items", "1 ,               ", before: "[", after: "1]"), .repeating("empty arrays", "[],", before: "[", after: "1]"),
        .repeating("empty objects", "{},", before: "[", after: "1]"),
        Attack("keys alike at both ends") { n in
            "{" + (0..<n / 28).map { "\"prefixxx\(1_000_000 + $0)suffixxx\":1" }.joined(separator: ",") + "}"
        },
        Attack("small objects of keys alike at both ends") { n in
            "[" + (0..<n / 450).map { _ in
                "{" + (0..<16).map { "\"prefixxx\(100 + $0)suffixxx\":1" }.joined(separator: ",") + "}"
            }.joined(separator: ",") + "]"
        },
        Attack("objects one past the table's start") { n in
            "[" + (0..<n / 136).map { _ in "{" + (0..<17).map { "\"\(10 + $0)\":1" }.joined(separator: ",") + "}" }.joined(separator: ",") + "]"
        },
        Attack("long keys") { n in
            "{" + (0..<n / 1024).map { String(repeating: "k", count: 1000) + "\($0)" }.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
        },
        Attack("keys outside of ASCII", 20_000) { n in "{" + (0..<n / 14).map { "\"\u{fdfa}\($0)\":1" }.joined(separator: ",") + "}" },
        Attack("keys with escapes") { n in "{" + (0..<n / 17).map { "\"\\u0061\($0)\":1" }.joined(separator: ",") + "}" },
    ]

    static let forms: [Attack] = [
        .repeating("ampersands", "&"), .repeating("fields", "a=1&"), .repeating("equals signs", "=", before: "a"), .repeating("escapes", "%41", before: "a="),
        .repeating("semicolons", ";", before: "a="), .repeating("escaped text", "%E2%82%AC", before: "a="), .repeating("blanks", "+", before: "a="),
        .repeating("encoded names", "t%6F=1&"), .repeating("one long name", "n"),
    ]

    @Test(arguments: json) func scanningJSON(_ attack: Attack) {
        var limits = JSONLimits()
        limits.elements = .max / 2
        limits.stringBytes = .max
        limits.keyBytes = .max
        limits.numberBytes = .max
        limits.foldedKeyBytes = .max
        limits.depth = 255
        var tape = JSONTape()
        let (small, large) = (Array(attack.make(attack.size).utf8), Array(attack.make(attack.size * 4).utf8))
        expectLinear { body in
            try? tape.scan(body.span, limits: limits)
            guard tape.count > 1 else { return }
            // All that a caller does with the tape is linear as well.
            var ranges: [ByteRange] = []
            tape.appendCuts(tape.children(of: 0), in: body.span, to: &ranges)
            tape.appendCuts(Array(stride(from: 2, to: tape.count, by: 2)), in: body.span, to: &ranges)
            let lookup = tape.look(up: "to", of: 0, in: body.span)
            precondition(lookup == .absent)
        } _: { (small, large) }
    }

    @Test(arguments: forms) func scanningForms(_ attack: Attack) {
        var limits = FormLimits()
        limits.fields = .max
        limits.nameBytes = .max
        limits.valueBytes = .max
        var tape = FormTape()
        let (small, large) = (Array(attack.make(attack.size).utf8), Array(attack.make(attack.size * 4).utf8))
        expectLinear { body in
            try? tape.scan(body.span, limits: limits)
            let found = tape.field(named: "absent", in: body.span)
            precondition(found == nil)
            var ranges: [ByteRange] = []
            tape.appendCuts(Array(0..<tape.count), in: body.span, to: &ranges)
        } _: { (small, large) }
    }

    static let multiparts: [Attack] = [
        .repeating("dashes", "-"), .repeating("delimiters without the end", "--aaab"), .repeating("line ends", "\r\n"), .repeating("half a delimiter", "\r\n--aaa"),
        .repeating("letters of the boundary", "a"), .repeating("plain", "xyz"), .repeating("parts", "x\r\n--aaaa\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n"),
        .repeating("parts of one non-ASCII name", "x\r\n--aaaa\r\nContent-Disposition: form-data; name=\"\u{e9}\"\r\n\r\n"),
    ]

    @Test(arguments: multiparts) func scanningMultiparts(_ attack: Attack) {
        var limits = MultipartLimits()
        limits.parts = .max
        let head = "--aaaa\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n"
        var tape = MultipartTape()
        let (small, large) = (Array((head + attack.make(attack.size) + "\r\n--aaaa--").utf8), Array((head + attack.make(attack.size * 4) + "\r\n--aaaa--").utf8))
        expectLinear { body in
            try? tape.scan(body.span, boundary: "aaaa".utf8.span, limits: limits)
            var ranges: [ByteRange] = []
            if tape.count > 1 { tape.appendCuts(Array(1..<tape.count), to: &ranges) }
        } _: { (small, large) }
    }

    static let messages: [Attack] = [
        .repeating("headers", "X: y\r\n"), .repeating("folds", " y\r\n", before: "X: y\r\n"), .repeating("one line", "X"), .repeating("a long value", "x", before: "X:"),
        .repeating("a body of line feeds", "\n", before: "X: y\n\n"), .repeating("bare returns", "\r", before: "X: y\n\n"), .repeating("names alike", "To\u{2028}", before: "X:"),
    ]

    @Test(arguments: messages) func scanningMessages(_ attack: Attack) {
        var limits = MIMELimits()
        (limits.headers, limits.headBytes, limits.lineBytes) = (.max, .max, .max)
        var message = MIMEMessage()
        let (small, large) = (Array(attack.make(attack.size).utf8), Array(attack.make(attack.size * 4).utf8))
        expectLinear { body in try? message.scan(body.span, limits: limits) } _: { (small, large) }
    }

    /// The least of several times each way, in this thread's own CPU time: other work on the machine only ever adds.
    private func expectLinear(_ work: ([UInt8]) -> Void, _ bodies: () -> (small: [UInt8], large: [UInt8])) {
        let (small, large) = bodies()
        work(large)
        var ratio = Double.infinity
        for _ in 0..<5 where ratio >= 8 {
            let (short, long) = (seconds { work(small) }, seconds { work(large) })
            // Below a millisecond nothing can be told, and nothing is wrong.
            ratio = long < 0.001 ? 0 : min(ratio, long / short)
        }
        #expect(ratio < 8)
    }

    private func seconds(_ work: () -> Void) -> Double {
        var start = timespec()
        var end = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        work()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
    }

    /// 100 KB of digits (hardening.md 2.5) are told to be too long, at once even in a debug build.
    @Test func aLongNumber() {
        let body = Array(String(repeating: "7", count: 100_000).utf8)
        #expect(jsonFault(body)?.cause == .numberTooLong)
        #expect((0..<5).map { _ in seconds { _ = jsonFault(body) } }.min() ?? 1 < 0.05)
    }
}
