import Adapters
import Bytes
import Glibc
import Testing

/// Prints MB/s; run by hand: `STOPGATE_MEASURE=1 swift test -c release --filter ScanThroughput`.
@Suite(.serialized, .enabled(if: getenv("STOPGATE_MEASURE") != nil)) struct ScanThroughputTests {
    /// A mail send of about `size` bytes with as many recipients as it takes.
    static func mail(_ size: Int) -> String {
        var body = #"{"from":{"email":"news@example.com","name":"Example News"},"subject":"Your order has shipped","personalizations":["#
        var i = 0
        while body.utf8.count < size - 160 {
            body += (i == 0 ? "" : ",") + #"{"to":[{"email":"person\#(i)@example.org","name":"Person Number \#(i)"}],"custom_args":{"order":"\#(100_000 + i)"}}"#
            i += 1
        }
        return body + #"],"content":[{"type":"text/plain","value":"Hello,\nyour order is on its way.\n"}]}"#
    }

    static let bodies: [(String, String)] = [
        ("JSON mail, 1 KiB", mail(1 << 10)), ("JSON mail, 64 KiB", mail(64 << 10)),
        ("JSON with one base64 string, 30 MiB", #"{"to":"a@example.org","attachments":[{"content":""# + String(repeating: "QUJDREVGR0hJSktMTU5P", count: 30 << 20 / 20) + #""}]}"#),
        ("JSON with one CJK string, 1 MiB", "[\"" + String(repeating: "\u{65e5}\u{672c}\u{8a9e}", count: 1 << 20 / 9) + "\"]"),
    ]

    @Test(arguments: bodies) func json(_ name: String, _ text: String) throws {
        let body = Array(text.utf8)
        var tape = JSONTape()
        var limits = JSONLimits()
        limits.stringBytes = 32 << 20
        try tape.scan(body.span, limits: limits)
        let rate = rate(body.count) { try? tape.scan(body.span, limits: limits) }
        print("\(name): \(body.count) bytes, \(tape.count) nodes, \(Int(rate)) MB/s, \(Int(Double(body.count) / rate * 1000)) ns")
    }

    @Test func form() throws {
        let body = Array("To=%2B15551234567&From=%2B15557654321&StatusCallback=https%3A%2F%2Fexample.com%2Fstatus&Body=Your+order+has+shipped.+Reply+STOP+to+opt+out".utf8)
        var tape = FormTape()
        try tape.scan(body.span)
        let rate = rate(body.count) { try? tape.scan(body.span) }
        print("form: \(body.count) bytes, \(tape.count) fields, \(Int(rate)) MB/s, \(Int(Double(body.count) / rate * 1000)) ns")
    }

    /// The best of 15 batches of about a millisecond or one call.
    private func rate(_ bytes: Int, _ work: () -> Void) -> Double {
        let batch = max(1, 1_000_000 / bytes)
        var best = 0.0
        for _ in 0..<15 {
            var start = timespec()
            var end = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
            for _ in 0..<batch { work() }
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
            let seconds = Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
            best = max(best, Double(bytes * batch) / seconds / 1e6)
        }
        return best
    }
}
