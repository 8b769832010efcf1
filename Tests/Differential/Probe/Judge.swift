import Adapters
import Bytes
import Gate
import Recipients
import Suppression

/// The gate's inspector before the sends of ``Sends``, against the few people who have opted out.
struct Judge: ~Copyable {
    /// Known to panel.py as well.
    static let suppressed: [(IdentifierKind, String)] = [
        (.email, "gone@example.com"), (.email, "left@example.org"), (.email, "user@xn--mnchen-3ya.example"), (.phone, "+14155550100"),
    ]

    private var inspector: Inspector
    private let endpoints: [String: Endpoint]
    private let optOuts: OptOuts

    init?() {
        guard let secret = DigestSecret([UInt8](0..<16)), let adapter = try? Adapter(Sends.spec) else { return nil }
        inspector = Inspector(normaliser: Normaliser(rules: .standard, secret: secret))
        endpoints = Dictionary(uniqueKeysWithValues: adapter.endpoints.map { ($0.id, $0) })
        optOuts = OptOuts(Self.suppressed, secret)
    }

    /// - Returns: `nil` when the case cannot be read.
    mutating func answer(_ message: [UInt8]) -> [UInt8]? {
        var rest = message[...]
        guard let id = Self.field(&rest), let type = Self.field(&rest), let query = Self.field(&rest),
            let endpoint = endpoints[String(decoding: id, as: UTF8.self)]
        else { return nil }
        let body = Array(rest)
        let verdict = inspector.inspect(
            endpoint, contentType: type.isEmpty ? nil : type.span, query: query.span, body: body.span, isSigned: false, suppressions: optOuts)
        switch verdict {
        case .allow: return [UInt8(ascii: "a")]
        case .reject: return [UInt8(ascii: "r")]
        case .strip:
            var out = GrowableBytes(capacity: body.count + 16)
            out.append("s")
            inspector.appendRewritten(body.span, into: &out)
            return Array(out.bytes)
        case .refuse(let refusal):
            return Array("x\(refusal.label): \(String(decoding: inspector.detail.bytes, as: UTF8.self))".utf8)
        }
    }

    private static func field(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= 2 else { return nil }
        let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
        guard rest.count >= 2 + count else { return nil }
        defer { rest = rest.dropFirst(2 + count) }
        return Array(rest.dropFirst(2).prefix(count))
    }
}

/// Opt-outs in a dictionary.
struct OptOuts: SuppressionLookup {
    let version: UInt64 = 1
    let ledgerPosition: UInt64 = 0
    private var channels: [RecipientKey: ChannelSet] = [:]

    init(_ list: [(IdentifierKind, String)], _ secret: DigestSecret) {
        for (kind, text) in list {
            guard let identifier = try? CanonicalIdentifier(parsing: text, kind: kind, rules: .standard) else { continue }
            for key in identifier.keys(secret: secret) { channels[key] = .all }
        }
    }

    func blockedChannels(_ key: RecipientKey) -> ChannelSet { channels[key] ?? [] }
}
