import Adapters
import Bytes
import Recipients

/// Texts that hold several recipients.
extension Inspector {
    /// Reads the JSON string `node`, whose text is in ``text`` and which may lose recipients by itself.
    mutating func readList(
        _ node: Int, _ slot: Int, _ rule: DocumentShape.WhenEmpty, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        let list = openList(rule, live: 0)
        lists[list].textNode = node
        lists[list].shape = trail[trail.count - 1].shape
        lists[list].content = ByteRange(json[node].content)
        lists[list].holdsMailboxes = endpoint.slots[slot].list == .mailboxes
        let first = pieces.count
        try readPieces(node, slot, endpoint.slots[slot].list, (-1, list), endpoint, body)
        lists[list].pieces = first..<pieces.count
        lists[list].live = pieces.count - first
    }

    /// Reads every recipient in ``text``, which is the JSON string `node`.
    /// - Parameter cut: what goes with each; of a text that may lose its pieces one by one, node -1 and its list.
    mutating func readPieces(
        _ node: Int, _ slot: Int, _ syntax: RecipientSpec.ListSyntax, _ cut: (node: Int, list: Int), _ endpoint: Endpoint,
        _ body: Span<UInt8>
    ) throws(Refusal) {
        let isText = cut.node < 0 && cut.list >= 0
        let content = json[node].content
        let isPlain = !json[node].flags.contains(.escapedValue)
        var cursor = JSONTextCursor(at: content.lowerBound)
        let before = findings.count
        var from = 0
        if syntax == .mailboxes { try readMailboxes(slot, endpoint) }
        while let part = syntax == .mailboxes ? nextMailbox(&from) : Self.nextPart(text, from: &from, syntax) {
            if part.isEmpty {
                if cut.list >= 0 { lists[cut.list].hasGaps = true }
                continue
            }
            let lower = isPlain ? content.lowerBound + part.lowerBound : cursor.advance(to: part.lowerBound, in: body)
            let upper = isPlain ? content.lowerBound + part.upperBound : cursor.advance(to: part.upperBound, in: body)
            if isText { pieces.append(TextPiece(range: ByteRange(lower..<upper))) }
            try addRecipient(
                slot: slot, endpoint, span: lower..<upper, source: .body, node: node, cut: cut, part: part,
                piece: isText ? pieces.count - 1 : -1)
        }
        guard findings.count > before else {
            detail.append(endpoint.slots[slot].at)
            detail.append(": separators and nothing between them")
            throw .recipientMalformed
        }
    }

    /// Takes ``text`` apart, which is an address list of RFC 5322.
    private mutating func readMailboxes(_ slot: Int, _ endpoint: Endpoint) throws(Refusal) {
        do throws(IdentifierProblem) {
            try Self.read(&mailboxes, text, limit: endpoint.recipientLimit)
        } catch {
            detail.append(endpoint.slots[slot].at)
            detail.append(": ")
            detail.append(error.message)
            throw .recipientMalformed
        }
    }

    private static func read(
        _ mailboxes: inout MailboxList, _ text: borrowing GrowableBytes, limit: Int
    ) throws(IdentifierProblem) {
        try text.withSpan { (text) throws(IdentifierProblem) in try mailboxes.read(text, limit: limit) }
    }

    private mutating func nextMailbox(_ index: inout Int) -> Range<Int>? {
        guard index < mailboxes.count else { return nil }
        defer { index += 1 }
        return mailboxes[index].element.range
    }

    /// The next part of `text`, blanks around it taken off; `nil` behind the last one.
    static func nextPart(
        _ text: borrowing GrowableBytes, from start: inout Int, _ syntax: RecipientSpec.ListSyntax
    ) -> Range<Int>? {
        text.withSpan { text in
            guard start <= text.count else { return nil }
            guard let separator = syntax.separator else {
                defer { start = text.count + 1 }
                return start..<text.count
            }
            var end = start
            while end < text.count, text[end] != separator { end += 1 }
            var lower = start, upper = end
            while lower < upper, text[lower] == 0x20 || text[lower] == 0x09 { lower += 1 }
            while upper > lower, text[upper - 1] == 0x20 || text[upper - 1] == 0x09 { upper -= 1 }
            start = end + 1
            return lower..<upper
        }
    }

    // MARK: Aligned texts

    /// Notes the pieces of a text that is aligned with a list of recipients.
    mutating func readAligned(
        _ node: Int, _ at: Int, _ shape: DocumentShape, _ endpoint: Endpoint, _ body: Span<UInt8>
    ) throws(Refusal) {
        guard let list = shape.nodes[at].alignedWith, let slot = shape.nodes[list].slot else { return }
        switch json[node].kind {
        // One value for all of them.
        case .number, .true, .false, .null: return
        case .object, .array:
            appendKeyName(node, body)
            throw .recipientMistyped
        case .string: break
        }
        text.reset()
        json.appendString(node, in: body, to: &text)
        let content = json[node].content
        let isPlain = !json[node].flags.contains(.escapedValue)
        var cursor = JSONTextCursor(at: content.lowerBound)
        let first = pieces.count
        var from = 0
        while let part = Self.nextPart(text, from: &from, endpoint.slots[slot].list) {
            let lower = isPlain ? content.lowerBound + part.lowerBound : cursor.advance(to: part.lowerBound, in: body)
            let upper = isPlain ? content.lowerBound + part.upperBound : cursor.advance(to: part.upperBound, in: body)
            pieces.append(TextPiece(range: ByteRange(lower..<upper)))
            guard pieces.count - first <= endpoint.recipientLimit else {
                appendKeyName(node, body)
                throw .bodyTooComplex
            }
        }
        alignedTexts.append(AlignedText(shape: list, node: node, pieces: first..<pieces.count))
    }

    /// An aligned text has one piece for each recipient, or one for all.
    mutating func checkAligned(_ endpoint: Endpoint) throws(Refusal) {
        for index in alignedTexts.indices where alignedTexts[index].pieces.count > 1 {
            for list in lists.indices where lists[list].shape == alignedTexts[index].shape {
                guard lists[list].pieces.count == alignedTexts[index].pieces.count, !lists[list].hasGaps else {
                    detail.append("a list that is aligned with the recipients has another number of parts")
                    throw .recipientMalformed
                }
                alignedTexts[index].list = list
            }
        }
    }

    // MARK: Taking pieces out

    /// Appends to ``ranges`` what takes the pieces that are cut out of their texts, with one separator each.
    mutating func appendPieceCuts(_ body: Span<UInt8>) {
        for list in lists.indices where lists[list].textNode >= 0 && !isInsideCut(lists[list].textNode) {
            if lists[list].holdsMailboxes {
                appendMailboxCuts(list, body)
            } else {
                appendRuns(lists[list].pieces, of: lists[list].content)
            }
        }
        for index in alignedTexts.indices {
            guard let list = alignedTexts[index].list else { continue }
            let aligned = alignedTexts[index]
            for (own, other) in zip(aligned.pieces, lists[list].pieces) { pieces[own].isCut = pieces[other].isCut }
            if !isInsideCut(aligned.node) { appendRuns(aligned.pieces, of: ByteRange(json[aligned.node].content)) }
        }
    }

    /// Groups and folded lines need more than separators: the list is read once more to say what goes.
    private mutating func appendMailboxCuts(_ list: Int, _ body: Span<UInt8>) {
        mailboxCuts.removeAll(keepingCapacity: true)
        for (index, piece) in lists[list].pieces.enumerated() where pieces[piece].isCut { mailboxCuts.append(index) }
        guard mailboxCuts.count < lists[list].pieces.count else {
            ranges.append(lists[list].content)
            return
        }
        text.reset()
        json.appendString(lists[list].textNode, in: body, to: &text)
        let first = ranges.count
        guard Self.appendCuts(mailboxCuts, &mailboxes, text, to: &ranges) else {
            // It was read before, so this cannot be: everything goes rather than anything stays.
            ranges.append(lists[list].content)
            return
        }
        var cursor = JSONTextCursor(at: lists[list].content.range.lowerBound)
        for index in first..<ranges.count {
            let lower = cursor.advance(to: ranges[index].range.lowerBound, in: body)
            ranges[index] = ByteRange(lower..<cursor.advance(to: ranges[index].range.upperBound, in: body))
        }
    }

    private static func appendCuts(
        _ cuts: [Int], _ mailboxes: inout MailboxList, _ text: borrowing GrowableBytes, to ranges: inout [ByteRange]
    ) -> Bool {
        text.withSpan { text in
            do throws(IdentifierProblem) { try mailboxes.read(text, limit: 1_000_000) } catch { return false }
            return mailboxes.appendCuts(cuts, in: text, to: &ranges)
        }
    }

    private mutating func appendRuns(_ all: Range<Int>, of content: ByteRange) {
        var kept = -1
        var at = all.lowerBound
        while at < all.upperBound {
            guard pieces[at].isCut else {
                kept = at
                at += 1
                continue
            }
            var behind = at + 1
            while behind < all.upperBound, pieces[behind].isCut { behind += 1 }
            if kept >= 0 {
                ranges.append(ByteRange(lower: pieces[kept].range.upper, upper: pieces[behind - 1].range.upper))
            } else if behind < all.upperBound {
                ranges.append(ByteRange(lower: pieces[at].range.lower, upper: pieces[behind].range.lower))
            } else {
                ranges.append(content)
            }
            at = behind
        }
    }
}
