import Adapters
import Bytes
import Recipients

extension Inspector {
    /// Reads the recipients that stand in the path and in headers.
    mutating func readBeside(_ endpoint: Endpoint, path: Span<UInt8>) throws(Refusal) {
        for index in endpoint.pathSlots.indices {
            let slot = endpoint.pathSlots[index].slot
            let range = endpoint.range(ofSegment: endpoint.pathSlots[index].segment, in: path)
            guard !range.isEmpty else {
                detail.append(endpoint.slots[slot].at)
                throw .recipientMissing
            }
            try readSegment(slot, endpoint, path, range)
        }
        for index in endpoint.headerSlots.indices {
            let slot = endpoint.headerSlots[index].slot
            guard index < headerRanges.count, let range = headerRanges[index] else {
                if endpoint.slots[slot].isRequired {
                    detail.append(endpoint.slots[slot].at)
                    throw .recipientMissing
                }
                continue
            }
            text.reset()
            Self.copy(headerTexts, range.range, to: &text)
            // Found by their place in the copy: the head itself is not here.
            try addRecipients(slot: slot, endpoint, .header, raw: range.range)
        }
    }

    private mutating func readSegment(_ slot: Int, _ endpoint: Endpoint, _ path: Span<UInt8>, _ range: Range<Int>) throws(Refusal) {
        text.reset()
        _ = PercentDecoding.decode(path.extracting(range), plusIsBlank: false, into: &text)
        let kind = endpoint.slots[slot].isAnyKind ? Self.anyKind(text, in: 0..<text.count) : endpoint.slots[slot].kind
        // A plus is a blank to some servers, which only a phone number survives. `.json` and its like are cut off by others: what
        // an address ends in is part of it.
        let refused: UInt8? =
            switch kind {
            case .phone: UInt8(ascii: ".")
            case .email: UInt8(ascii: "+")
            default: nil
            }
        for index in range {
            let byte = path[index]
            let isPlain = refused != nil ? byte != refused : byte != UInt8(ascii: ".") && byte != UInt8(ascii: "+")
            guard isPlain else {
                detail.append(endpoint.slots[slot].at)
                detail.append(": servers read a plus or a dot in a path in different ways; write %2B, or leave the dot out")
                throw .recipientMalformed
            }
        }
        if kind == .email, Self.endsInFormat(text) {
            detail.append(endpoint.slots[slot].at)
            detail.append(": servers cut off what looks like a file format, and would send to another address")
            throw .recipientMalformed
        }
        try addRecipients(slot: slot, endpoint, .path, raw: range)
    }

    /// Formats that servers know by the end of a path and that no top-level domain is called by.
    private static let formats = ["json", "jsonp", "xml", "html", "htm", "txt", "csv", "yaml", "yml", "pdf", "php", "asp", "aspx", "jsp", "rss", "atom"]

    private static func endsInFormat(_ text: borrowing GrowableBytes) -> Bool {
        text.withSpan { text in
            var dot = text.count - 1
            while dot >= 0, text[dot] != UInt8(ascii: ".") { dot -= 1 }
            guard dot >= 0 else { return false }
            let label = text.extracting((dot + 1)...)
            return formats.contains { ASCIIText.caselessEqual($0.utf8.span, label) }
        }
    }

    private static func copy(_ from: borrowing GrowableBytes, _ range: Range<Int>, to text: inout GrowableBytes) {
        from.withSpan { text.append($0.extracting(range)) }
    }
}
