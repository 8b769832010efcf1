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
        try addRecipients(slot: slot, endpoint, .path, raw: range)
    }

    private static func copy(_ from: borrowing GrowableBytes, _ range: Range<Int>, to text: inout GrowableBytes) {
        from.withSpan { text.append($0.extracting(range)) }
    }
}
