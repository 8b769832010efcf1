/// Bodies of a given size for the scanners, and hostile ones.
enum ScanBodies {
    static let boundary = "----formdata-0123456789abcdef"

    /// - Returns: about `bytes` bytes; `nil` for a kind that is none.
    static func body(_ kind: String, bytes: Int) -> [UInt8]? {
        switch kind {
        case "json": Array(mail(bytes).utf8)
        case "json-text": Array((#"{"to":[{"email":"ann@example.com"}],"text":""# + String(repeating: "Your order is on its way. ", count: bytes / 26) + "\"}").utf8)
        case "form": Array(form(bytes).utf8)
        case "multipart": multipart(bytes)
        case "mime": Array((head + String(repeating: "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\r\n", count: max(0, bytes - head.utf8.count) / 70)).utf8)
        case "mime-lf": Array((head + String(repeating: "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\r\n", count: max(0, bytes - head.utf8.count) / 70)).utf8.filter { $0 != 0x0d })
        case "base64": Array(String(repeating: "QUJD", count: bytes / 4).utf8)
        default: nil
        }
    }

    static let kinds = ["json", "json-text", "form", "multipart", "mime", "mime-lf", "base64"]

    /// One recipient for about every 150 bytes, up to 2,000; a text fills the rest.
    private static func mail(_ bytes: Int) -> String {
        var text = #"{"from":{"email":"news@example.com","name":"Example News"},"subject":"Your order has shipped","personalizations":["#
        var count = 0
        while text.utf8.count < bytes - 160, count < 2000 {
            text += (count == 0 ? "" : ",") + #"{"to":[{"email":"person\#(count)@example.org","name":"Person Number \#(count)"}],"custom_args":{"order":"\#(100_000 + count)"}}"#
            count += 1
        }
        let fill = max(0, bytes - text.utf8.count - 60)
        return text + #"],"content":[{"type":"text/plain","value":""# + String(repeating: "Hello,\\nyour order\\n", count: fill / 20) + #""}]}"#
    }

    private static func form(_ bytes: Int) -> String {
        var text = "To=%2B14155550111&From=%2B14155550000&StatusCallback=https%3A%2F%2Fshop.example%2Fstatus"
        let piece = "Your+order+has+shipped%21+"
        var field = 0
        repeat {
            let left = (bytes - text.utf8.count) / piece.utf8.count
            text += "&Body\(field)=" + String(repeating: piece, count: max(1, min(left, 8000)))
            field += 1
        } while text.utf8.count < bytes - 64
        return text
    }

    private static func multipart(_ bytes: Int) -> [UInt8] {
        let start = "--\(boundary)\r\nContent-Disposition: form-data; name="
        var random: UInt64 = 1
        var body = Array((start + "\"to\"\r\n\r\nann@example.com\r\n" + start + "\"attachment\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n").utf8)
        let end = Array("\r\n--\(boundary)--\r\n".utf8)
        while body.count < bytes - end.count {
            random = random &* 6_364_136_223_846_793_005 &+ 1
            body.append(UInt8(truncatingIfNeeded: random >> 56))
        }
        return body + end
    }

    private static let head = "From: Shop <shop@example.com>\r\nTo: Ann <ann@example.com>,\r\n Bob <bob@example.net>\r\nSubject: Your order\r\nMIME-Version: 1.0\r\n"
        + "Message-ID: <1@example.com>\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"

    /// Bodies made to cost time: a name, the scanner, and the body of about so many bytes.
    static let hostile: [(name: String, kind: String, make: @Sendable (Int) -> [UInt8])] = [
        ("open brackets", "json", { Array(repeating: UInt8(ascii: "["), count: $0) }),
        ("digits", "json", { Array(repeating: UInt8(ascii: "1"), count: $0) }),
        ("escapes", "json", { Array(("\"" + String(repeating: "\\u0041", count: $0 / 6) + "\"").utf8) }),
        ("keys alike at both ends", "json", { n in Array(("{" + (0..<n / 28).map { "\"prefixxx\(1_000_000 + $0)suffixxx\":1" }.joined(separator: ",") + "}").utf8) }),
        ("keys outside of ASCII", "json", { n in Array(("{" + (0..<n / 12).map { "\"é\(100_000 + $0)\":1" }.joined(separator: ",") + "}").utf8) }),
        ("escaped percent signs", "form", { Array(("a=" + String(repeating: "%25", count: $0 / 3)).utf8) }),
        ("small fields", "form", { Array(String(repeating: "a&", count: $0 / 2).utf8) }),
        ("dashes", "multipart", { multipart(content: String(repeating: "-", count: $0)) }),
        ("all of the boundary but its end", "multipart", { n in multipart(content: String(repeating: "\r\n--\(boundary.dropLast())x", count: n / 34)) }),
        ("folds", "mime", { Array(("X: y\r\n" + String(repeating: " z\r\n", count: $0 / 4) + "\r\n").utf8) }),
        ("headers", "mime", { Array((String(repeating: "X: y\r\n", count: $0 / 6) + "\r\n").utf8) }),
        ("line feeds", "mime", { Array(("X: y\n\n" + String(repeating: "\n", count: $0)).utf8) }),
        ("commas", "list", { Array(repeating: UInt8(ascii: ","), count: $0) }),
        ("mailboxes", "list", { Array(String(repeating: "a@x.com,", count: $0 / 8).utf8) }),
        ("open comments", "list", { Array(repeating: UInt8(ascii: "("), count: $0) }),
        ("groups", "list", { Array(String(repeating: "g:;,", count: $0 / 4).utf8) }),
    ]

    private static func multipart(content: String) -> [UInt8] {
        Array(("--\(boundary)\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + content + "\r\n--\(boundary)--").utf8)
    }
}
