import Adapters
import Bytes
import Recipients

/// Takes recipients out of a text that stands inside of a field. It may allocate: most requests are never rewritten.
///
/// Texts that were decoded from escapes lose the bytes of the recipients and no other; base 64 is written anew, in one line.
struct NestedRewrite {
    /// How one level was decoded from the one around it.
    private enum Link {
        case base64(isURL: Bool, isPadded: Bool)
        /// From the string whose content stands there.
        case string(Range<Int>)
    }

    private var levels: [[UInt8]]
    private var links: [Link] = []

    /// - Parameters:
    ///   - text: what ``NestedDocument/read(_:_:json:limit:)`` has read.
    ///   - cuts: indices of its items, ascending, not none.
    /// - Returns: the changes, ascending; `nil` when these recipients cannot be taken out.
    static func edits(
        _ text: [UInt8], _ place: NestedPlace, json limits: JSONLimits, without cuts: [Int]
    ) -> [NestedEdit]? {
        var rewrite = NestedRewrite(levels: [text])
        return rewrite.edits(place, limits, cuts)
    }

    private init(levels: [[UInt8]]) { self.levels = levels }

    private mutating func edits(_ place: NestedPlace, _ limits: JSONLimits, _ cuts: [Int]) -> [NestedEdit]? {
        var edits: [NestedEdit]?
        for (index, step) in place.steps.enumerated() {
            let isLast = index == place.steps.count - 1
            switch step {
            case .base64, .base64lines, .base64url:
                guard !isLast, descend(isURL: step == .base64url, hasLines: step == .base64lines) else { return nil }
            case .document(let path):
                if isLast { edits = documentEdits(path, limits, cuts) } else { guard descend(path, limits) else { return nil } }
            case .message(let role): edits = messageEdits(role, cuts)
            }
        }
        guard var edits else { return nil }
        for level in links.indices.reversed() { edits = ascend(edits, level) }
        return edits
    }

    private mutating func descend(isURL: Bool, hasLines: Bool) -> Bool {
        let text = levels[levels.count - 1]
        var input = GrowableBytes(capacity: max(text.count, 1))
        var output = GrowableBytes(capacity: max(text.count, 1))
        if hasLines {
            var written = GrowableBytes(capacity: max(text.count, 1))
            written.append(text.span)
            NestedDocument.join(written, into: &input)
        } else {
            input.append(text.span)
        }
        guard NestedDocument.decode(input, isURL: isURL, into: &output) else { return false }
        // Padding is the rule (RFC 4648 section 3.2), of which only a text that leaves out its own shows an exception.
        links.append(.base64(isURL: isURL, isPadded: !isURL || text.count % 4 == 0))
        levels.append(Self.array(output))
        return true
    }

    private mutating func descend(_ path: [NestedPlace.PathStep], _ limits: JSONLimits) -> Bool {
        let text = levels[levels.count - 1]
        var json = JSONTape()
        guard (try? json.scan(text.span, limits: limits)) != nil else { return false }
        var node = 0
        for step in path {
            guard case .member(let name) = step, case .found(let child) = json.look(up: name.span, of: node, in: text.span) else { return false }
            node = child
        }
        guard json[node].kind == .string else { return false }
        var output = GrowableBytes(capacity: max(text.count, 1))
        json.appendString(node, in: text.span, to: &output)
        links.append(.string(json[node].content))
        levels.append(Self.array(output))
        return true
    }

    /// Changes to the text of `level + 1`, as changes to that of `level`.
    private func ascend(_ edits: [NestedEdit], _ level: Int) -> [NestedEdit] {
        let outside = levels[level], inside = levels[level + 1]
        switch links[level] {
        case .base64(let isURL, let isPadded):
            var inner = GrowableBytes(capacity: inside.count + 1)
            var from = 0
            for edit in edits {
                inner.append(inside.span.extracting(from..<edit.range.lowerBound))
                inner.append(edit.replacement.span)
                from = edit.range.upperBound
            }
            inner.append(inside.span.extracting(from..<inside.count))
            var coded = GrowableBytes(capacity: inner.count / 3 * 4 + 8)
            inner.withSpan { Base64.encode($0, isURL ? .url : .standard, into: &coded) }
            if isURL, isPadded { while coded.count % 4 != 0 { coded.append(UInt8(ascii: "=")) } }
            return [NestedEdit(range: 0..<outside.count, replacement: Self.array(coded))]
        case .string(let content):
            // Base 64 needs no escape.
            var escaped = EscapedText(content, .json)
            return edits.map { edit in
                let lower = escaped.offset(of: edit.range.lowerBound, in: outside.span)
                let upper = escaped.offset(of: edit.range.upperBound, in: outside.span)
                return NestedEdit(range: lower..<upper, replacement: edit.replacement)
            }
        }
    }

    /// The changes that take items out of the JSON document that the last level is.
    private func documentEdits(_ path: [NestedPlace.PathStep], _ limits: JSONLimits, _ cuts: [Int]) -> [NestedEdit]? {
        let text = levels[levels.count - 1]
        var json = JSONTape()
        var found = NestedFindings()
        guard (try? json.scan(text.span, limits: limits)) != nil,
            (try? found.walk(text.span, json, 0, path, 0, list: -1, limit: .max)) != nil
        else { return nil }
        var nodes: [Int] = []
        for cut in cuts {
            guard found.items[cut].list >= 0 else { return nil }
            nodes.append(found.items[cut].node)
        }
        var ranges: [ByteRange] = []
        json.appendCuts(nodes, in: text.span, to: &ranges)
        return ranges.map { NestedEdit(range: $0.range) }
    }

    /// The changes that take mailboxes out of the headers of the message that the last level is. A header that loses its last
    /// one goes.
    private func messageEdits(_ role: MIMEField.Role?, _ cuts: [Int]) -> [NestedEdit]? {
        let text = levels[levels.count - 1]
        var message = MIMEMessage()
        var found = NestedFindings()
        guard (try? message.scan(text.span)) != nil, !message.isSealed,
            (try? found.readHeaders(text.span, message, role, limit: .max)) != nil
        else { return nil }
        var edits: [NestedEdit] = []
        var at = 0
        while at < cuts.count {
            let field = found.items[cuts[at]].node
            var mailboxes: [Int] = []
            while at < cuts.count, found.items[cuts[at]].node == field {
                mailboxes.append(found.items[cuts[at]].list)
                at += 1
            }
            let value = message[field].value
            var unfolded = GrowableBytes(capacity: value.count + 1)
            message.appendUnfolded(field, in: text.span, to: &unfolded)
            var ranges: [ByteRange] = []
            guard let isAnybodyLeft = Self.cut(unfolded, mailboxes, &ranges) else { return nil }
            if isAnybodyLeft {
                let start = Int(value.lower)
                for range in ranges { edits.append(NestedEdit(range: (start + Int(range.lower))..<(start + Int(range.upper)))) }
            } else {
                edits.append(NestedEdit(range: message[field].line.range))
            }
        }
        return edits
    }

    private static func cut(_ text: borrowing GrowableBytes, _ mailboxes: [Int], _ ranges: inout [ByteRange]) -> Bool? {
        text.withSpan { text in
            var list = MailboxList()
            guard (try? list.read(text, limit: 1 << 30)) != nil else { return nil }
            return list.appendCuts(mailboxes, in: text, to: &ranges)
        }
    }

    private static func array(_ bytes: borrowing GrowableBytes) -> [UInt8] {
        bytes.withSpan { span in span.indices.map { span[$0] } }
    }
}
