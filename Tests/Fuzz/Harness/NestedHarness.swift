import Adapters
import Bytes
import Foundation
import Gate
import Recipients

/// A text inside of a JSON field: a MIME message in base 64, or a JSON document as a string. The first byte says which.
///
/// - What goes on without the blocked passes when it is judged again, and goes to exactly the others.
/// - No recipient header of a message that goes on has somebody who has opted out, by a reader that knows lines and words alone.
enum NestedHarness {
    private static let endpoint: Endpoint = {
        let error = ErrorSpec(status: 400, contentType: "application/json", body: #"{"m":"{{message}}"}"#)
        var spec = AdapterSpec(
            provider: "acme", file: "acme.yaml", hosts: ["api.acme.example"], prefix: "/acme", origin: OriginSpec(host: "api.acme.example"),
            errors: ErrorsSpec(suppressed: error, refused: error))
        let places = ["to[*]", "raw | base64 | mime", "doc | json | to[*]"]
        var send = EndpointSpec(
            id: "send", method: "POST", path: "/send", format: .json, bodyLimit: 1 << 20, channels: [.email], mode: .fanout,
            recipients: places.map { RecipientSpec(at: $0, kind: .email, required: false) })
        send.strip = places.map { StripSpec(remove: $0, whenEmpty: .keep) }
        spec.endpoints = [send]
        do { return try Adapter(spec).endpoints[0] } catch { fatalError("\(error)") }
    }()

    static func run(_ input: UnsafeBufferPointer<UInt8>) throws(Violation) {
        guard let choice = input.first else { return }
        let text = Array(input.dropFirst())
        let isMessage = choice & 1 == 0
        let body = Array(#"{"to":["ann@example.com"],"\#(isMessage ? "raw" : "doc")":""#.utf8) + (isMessage ? base64(text) : escaped(text)) + Array("\"}".utf8)
        var inspector = Fixture.inspector()
        guard let first = try judge(body, &inspector) else { return }
        if isMessage, let forwarded = first.forwarded { try check(forwarded) }
        guard first.isStripped, let forwarded = first.forwarded else { return }
        let second = try judge(forwarded, &inspector)
        try require(second?.forwarded == forwarded && second?.isStripped == false, "what is left does not pass")
        try require(second?.left == first.left, "it goes to \(second?.left ?? []) instead of \(first.left)")
    }

    private struct Outcome {
        var isStripped: Bool
        var forwarded: [UInt8]?
        /// The normal forms of those it goes to.
        var left: [[UInt8]]
    }

    private static func judge(_ body: [UInt8], _ inspector: inout Inspector) throws(Violation) -> Outcome? {
        let type = Array("application/json".utf8), query: [UInt8] = []
        let verdict = inspector.inspect(
            endpoint, contentType: type.span, query: query.span, body: body.span, isSigned: false, suppressions: Fixture.suppressed)
        let names = Array(inspector.normalForms.bytes)
        let left = inspector.recipients.filter { $0.fate == .allowed }.map { Array(names[$0.normalForm.range]) }
        switch verdict {
        case .refuse: return nil
        case .reject: return Outcome(isStripped: false, forwarded: nil, left: left)
        case .allow: return Outcome(isStripped: false, forwarded: body, left: left)
        case .strip:
            var out = GrowableBytes()
            inspector.appendRewritten(body.span, into: &out)
            return Outcome(isStripped: true, forwarded: Array(out.bytes), left: left)
        }
    }

    private static func base64(_ text: [UInt8]) -> [UInt8] {
        var out = GrowableBytes()
        Base64.encode(text.span, into: &out)
        return Array(out.bytes)
    }

    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        text.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
            case 0..<0x20: Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: [byte]
            }
        }
    }

    /// Looks through the lines of the head.
    private static func check(_ body: [UInt8]) throws(Violation) {
        let text = String(decoding: body, as: UTF8.self)
        guard let start = text.range(of: "\"raw\":\""), let end = text[start.upperBound...].firstIndex(of: "\"") else { return }
        var decoded = GrowableBytes()
        let coded = Array(text[start.upperBound..<end].utf8)
        try require(Base64.decode(coded.span, into: &decoded) == nil, "it is no base 64")
        var isRecipients = false
        for line in Array(decoded.bytes).split(separator: 0x0a, omittingEmptySubsequences: false) {
            let line = String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self).lowercased()
            if line.isEmpty { return }
            if line.first != " ", line.first != "\t" {
                let name = line.prefix { $0 != ":" }.filter { $0 != " " }
                isRecipients = ["to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc", "apparently-to"].contains(name)
            }
            guard isRecipients else { continue }
            let words = line.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) && !"@.+-_!#$%&'*/=?^`{|}~".contains($0) && $0.isASCII }
            try require(!words.contains { Fixture.blockedMails.contains(String($0)) }, "goes to somebody who has opted out: \(line)")
        }
    }
}
