import Adapters
import Bytes
import Recipients

/// Texts that a server may decode once more than the gate has to.
extension Inspector {
    /// How many decoded texts one request may make, beyond those that its recipients may.
    private static let decodingLimit = 2000

    /// Searches what the part of ``text`` would be to a server that decodes it further, for people who opted out. The text stays.
    /// - Parameter isOpaque: it is an id; else it has been read as an identifier of `kind`.
    mutating func searchDecodings(
        _ part: Range<Int>, _ kind: IdentifierKind, _ endpoint: Endpoint, node: Int, isOpaque: Bool
    ) throws(Refusal) {
        guard Self.mayDecode(text, part, inBase64: isOpaque) else { return }
        spare.reset()
        swap(&text, &spare)
        defer { swap(&text, &spare) }
        // The first is the text itself; each that follows comes from one before it.
        var texts = [spare.withSpan { text in part.map { text[$0] } }]
        var level = 0..<1
        for _ in 0..<FurtherDecoding.depth {
            for from in level {
                for way in FurtherDecoding.allCases where isOpaque || way != .base64 {
                    guard let decoded = way.decode(texts[from]), !texts.contains(decoded) else { continue }
                    decodings += 1
                    guard texts.count < FurtherDecoding.limit, decodings <= endpoint.recipientLimit + Self.decodingLimit else {
                        detail.append("identifiers with too many escapes in them")
                        throw .bodyTooComplex
                    }
                    texts.append(decoded)
                    try searchDecoded(decoded, kind, endpoint, node: node)
                }
            }
            level = level.upperBound..<texts.count
            if level.isEmpty { return }
        }
    }

    private mutating func searchDecoded(_ decoded: [UInt8], _ kind: IdentifierKind, _ endpoint: Endpoint, node: Int) throws(Refusal) {
        text.reset()
        text.append(decoded.span)
        try addCover(kind, node: node, isKeyed: false)
        try addSuspects(endpoint, node: node, amongLetters: kind == .phone)
    }

    private static func mayDecode(_ text: borrowing GrowableBytes, _ part: Range<Int>, inBase64: Bool) -> Bool {
        text.withSpan { FurtherDecoding.mayApply($0.extracting(part), inBase64: inBase64) }
    }
}
